import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";

/** May be called again. Errors: `NoSuchBucket`. Source: S3 API reference, DeleteBucketPolicy. */
export const deleteBucketPolicy = operation<S3, Input<"DeleteBucketPolicy">, Output<"DeleteBucketPolicy">>({
  name: "DeleteBucketPolicy",
  access: onBucket("s3:DeleteBucketPolicy"),
  async run({ Bucket }, { objects }) {
    await objects.setPolicy(Bucket, undefined);
    return {};
  },
});
