import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";

/** May be called again. Errors: `NoSuchBucket`. Source: S3 API reference, DeleteBucketLifecycle. */
export const deleteBucketLifecycle = operation<S3, Input<"DeleteBucketLifecycle">, Output<"DeleteBucketLifecycle">>({
  name: "DeleteBucketLifecycle",
  access: onBucket("s3:PutLifecycleConfiguration"),
  async run({ Bucket }, { objects }) {
    await objects.setSetting(Bucket, "lifecycle", undefined);
    return {};
  },
});
