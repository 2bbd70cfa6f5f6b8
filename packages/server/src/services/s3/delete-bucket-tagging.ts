import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";

/** May be called again. Errors: `NoSuchBucket`. Source: S3 API reference, DeleteBucketTagging. */
export const deleteBucketTagging = operation<S3, Input<"DeleteBucketTagging">, Output<"DeleteBucketTagging">>({
  name: "DeleteBucketTagging",
  access: onBucket("s3:PutBucketTagging"),
  async run({ Bucket }, { objects }) {
    await objects.setBucketTags(Bucket, {});
    return {};
  },
});
