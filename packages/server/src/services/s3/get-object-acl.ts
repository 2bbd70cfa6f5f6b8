import { operation } from "../../wire/operation.ts";
import { nameOf, onObject } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { ownerOf, ownersGrant } from "./owner.ts";

/** Answers the owner's full control. Errors: `NoSuchKey`, `NoSuchVersion`. Source: S3 API reference, GetObjectAcl. */
export const getObjectAcl = operation<S3, Input<"GetObjectAcl">, Output<"GetObjectAcl">>({
  name: "GetObjectAcl",
  access: onObject("s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
  async run(input, { objects }) {
    const { account } = await objects.bucket(input.Bucket);
    await objects.find(nameOf(input));
    return { Owner: ownerOf(account), Grants: [ownersGrant(account)] };
  },
});
