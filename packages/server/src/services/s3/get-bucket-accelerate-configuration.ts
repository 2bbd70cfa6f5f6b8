import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";

/** Answers nothing, as for a bucket that was never accelerated. Errors: `NoSuchBucket`. Source: S3 API reference, GetBucketAccelerateConfiguration. */
export const getBucketAccelerateConfiguration = operation<
  S3,
  Input<"GetBucketAccelerateConfiguration">,
  Output<"GetBucketAccelerateConfiguration">
>({
  name: "GetBucketAccelerateConfiguration",
  access: onBucket("s3:GetAccelerateConfiguration"),
  run: async () => ({}),
});
