import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { ownerOf, ownersGrant } from "./owner.ts";

/** Answers the owner's full control. Errors: `NoSuchBucket`. Source: S3 API reference, GetBucketAcl. */
export const getBucketAcl = operation<S3, Input<"GetBucketAcl">, Output<"GetBucketAcl">>({
  name: "GetBucketAcl",
  access: onBucket("s3:GetBucketAcl"),
  run: async (_, { objects }) => ({ Owner: ownerOf(objects.account), Grants: [ownersGrant(objects.account)] }),
});
