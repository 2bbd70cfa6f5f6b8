import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { noSuchPublicAccessBlock } from "./errors.ts";

/** A new bucket blocks everything. Errors: `NoSuchBucket`, `NoSuchPublicAccessBlockConfiguration`. Source: S3 API reference, GetPublicAccessBlock. */
export const getPublicAccessBlock = operation<S3, Input<"GetPublicAccessBlock">, Output<"GetPublicAccessBlock">>({
  name: "GetPublicAccessBlock",
  access: onBucket("s3:GetBucketPublicAccessBlock"),
  async run({ Bucket }, { objects }) {
    const block = await objects.setting(Bucket, "publicAccessBlock");
    if (!block) throw noSuchPublicAccessBlock(Bucket);
    return { PublicAccessBlockConfiguration: block };
  },
});
