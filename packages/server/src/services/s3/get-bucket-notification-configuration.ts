import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";

/** Answers nothing, as for a bucket that notifies nobody. Errors: `NoSuchBucket`. Source: S3 API reference, GetBucketNotificationConfiguration. */
export const getBucketNotificationConfiguration = operation<
  S3,
  Input<"GetBucketNotificationConfiguration">,
  Output<"GetBucketNotificationConfiguration">
>({
  name: "GetBucketNotificationConfiguration",
  access: onBucket("s3:GetBucketNotification"),
  run: async () => ({}),
});
