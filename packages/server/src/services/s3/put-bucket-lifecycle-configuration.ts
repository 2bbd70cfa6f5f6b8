import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { checkedRules, TRANSITION_SIZE_DEFAULT } from "./lifecycle.ts";

/**
 * Says when objects, older versions and unfinished uploads end. Errors: `NoSuchBucket`, `MalformedXML`, `InvalidRequest`,
 * `InvalidArgument`, `NotImplemented` for transitions. Source: S3 API reference, PutBucketLifecycleConfiguration.
 */
export const putBucketLifecycleConfiguration = operation<
  S3,
  Input<"PutBucketLifecycleConfiguration">,
  Output<"PutBucketLifecycleConfiguration">
>({
  name: "PutBucketLifecycleConfiguration",
  access: onBucket("s3:PutLifecycleConfiguration"),
  async run({ Bucket, LifecycleConfiguration, TransitionDefaultMinimumObjectSize: asked }, { objects }) {
    const size = asked ?? TRANSITION_SIZE_DEFAULT;
    const Rules = checkedRules(LifecycleConfiguration?.Rules ?? []);
    await objects.setSetting(Bucket, "lifecycle", { Rules, TransitionDefaultMinimumObjectSize: size });
    return { TransitionDefaultMinimumObjectSize: size };
  },
});
