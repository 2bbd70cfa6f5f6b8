import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { noSuchBucketPolicy } from "./errors.ts";

/** Answers the policy as it was put. Errors: `NoSuchBucket`, `NoSuchBucketPolicy`. Source: S3 API reference, GetBucketPolicy. */
export const getBucketPolicy = operation<S3, Input<"GetBucketPolicy">, Output<"GetBucketPolicy">>({
  name: "GetBucketPolicy",
  access: onBucket("s3:GetBucketPolicy"),
  async run({ Bucket }, { objects }) {
    const { policy } = await objects.bucket(Bucket);
    if (policy === undefined) throw noSuchBucketPolicy(Bucket);
    return { Policy: policy };
  },
});
