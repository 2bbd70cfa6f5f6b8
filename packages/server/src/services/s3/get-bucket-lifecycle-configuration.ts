import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { noSuchLifecycle } from "./errors.ts";
import { TRANSITION_SIZE_DEFAULT } from "./lifecycle.ts";

/** Errors: `NoSuchBucket`, `NoSuchLifecycleConfiguration`. Source: S3 API reference, GetBucketLifecycleConfiguration. */
export const getBucketLifecycleConfiguration = operation<
  S3,
  Input<"GetBucketLifecycleConfiguration">,
  Output<"GetBucketLifecycleConfiguration">
>({
  name: "GetBucketLifecycleConfiguration",
  access: onBucket("s3:GetLifecycleConfiguration"),
  async run({ Bucket }, { objects }) {
    const lifecycle = await objects.setting(Bucket, "lifecycle");
    if (!lifecycle) throw noSuchLifecycle(Bucket);
    return { TransitionDefaultMinimumObjectSize: TRANSITION_SIZE_DEFAULT, ...lifecycle };
  },
});
