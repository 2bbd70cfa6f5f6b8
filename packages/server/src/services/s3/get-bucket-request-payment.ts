import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";

/** Answers that the owner pays. Errors: `NoSuchBucket`. Source: S3 API reference, GetBucketRequestPayment. */
export const getBucketRequestPayment = operation<
  S3,
  Input<"GetBucketRequestPayment">,
  Output<"GetBucketRequestPayment">
>({
  name: "GetBucketRequestPayment",
  access: onBucket("s3:GetBucketRequestPayment"),
  run: async () => ({ Payer: "BucketOwner" }),
});
