import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";

/** Answers nothing, as for a bucket whose use is not logged. Errors: `NoSuchBucket`. Source: S3 API reference, GetBucketLogging. */
export const getBucketLogging = operation<S3, Input<"GetBucketLogging">, Output<"GetBucketLogging">>({
  name: "GetBucketLogging",
  access: onBucket("s3:GetBucketLogging"),
  run: async () => ({}),
});
