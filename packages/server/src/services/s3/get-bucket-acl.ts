import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { ownerOf, ownersGrant } from "./owner.ts";

/** Answers the owner's full control. Errors: `NoSuchBucket`. Source: S3 API reference, GetBucketAcl. */
export const getBucketAcl = operation<S3, Input<"GetBucketAcl">, Output<"GetBucketAcl">>({
  name: "GetBucketAcl",
  access: onBucket("s3:GetBucketAcl"),
  async run({ Bucket }, { objects }) {
    const { account } = await objects.bucket(Bucket);
    return { Owner: ownerOf(account), Grants: [ownersGrant(account)] };
  },
});
