import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";

/** Deletes an empty bucket. Errors: `NoSuchBucket`, `BucketNotEmpty`. Source: S3 API reference, DeleteBucket. */
export const deleteBucket = operation<S3, Input<"DeleteBucket">, Output<"DeleteBucket">>({
  name: "DeleteBucket",
  access: onBucket("s3:DeleteBucket"),
  async run({ Bucket }, { objects }) {
    await objects.deleteBucket(Bucket);
    return {};
  },
});
