import { storedPolicy } from "../../identity/policy.ts";
import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { noSuchBucketPolicy } from "./errors.ts";
import { isPublic } from "./public-policy.ts";

/** Says whether the policy lets in just anybody. Errors: `NoSuchBucket`, `NoSuchBucketPolicy`. Source: S3 API reference, GetBucketPolicyStatus. */
export const getBucketPolicyStatus = operation<S3, Input<"GetBucketPolicyStatus">, Output<"GetBucketPolicyStatus">>({
  name: "GetBucketPolicyStatus",
  access: onBucket("s3:GetBucketPolicyStatus"),
  async run({ Bucket }, { objects }) {
    const { policy } = await objects.bucket(Bucket);
    if (policy === undefined) throw noSuchBucketPolicy(Bucket);
    return { PolicyStatus: { IsPublic: isPublic(storedPolicy(policy, "resource")) } };
  },
});
