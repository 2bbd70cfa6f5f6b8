import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";

/** Goes back to SSE-S3. Errors: `NoSuchBucket`. Source: S3 API reference, DeleteBucketEncryption. */
export const deleteBucketEncryption = operation<S3, Input<"DeleteBucketEncryption">, Output<"DeleteBucketEncryption">>({
  name: "DeleteBucketEncryption",
  access: onBucket("s3:PutEncryptionConfiguration"),
  async run({ Bucket }, { objects }) {
    await objects.setEncryption(Bucket, undefined);
    return {};
  },
});
