import type { PolicyDocument } from "../../identity/identity.ts";
import { checkPolicy } from "../../identity/policy.ts";
import { operation } from "../../wire/operation.ts";
import { bucketArn, onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { malformedPolicy, publicPolicyBlocked } from "./errors.ts";
import { isPublic } from "./public-policy.ts";

/** Unit: bytes. Source: S3 user guide, "Bucket policies for Amazon S3". */
const POLICY_BYTES_MAX = 20 * 1024;

/** Errors: `NoSuchBucket`, `MalformedPolicy`, `AccessDenied` where public policies are blocked. Source: S3 API reference, PutBucketPolicy. */
export const putBucketPolicy = operation<S3, Input<"PutBucketPolicy">, Output<"PutBucketPolicy">>({
  name: "PutBucketPolicy",
  access: onBucket("s3:PutBucketPolicy"),
  async run({ Bucket, Policy }, { objects }, call) {
    if (Buffer.byteLength(Policy) > POLICY_BYTES_MAX)
      throw malformedPolicy("Policy exceeds the maximum allowed document size.");
    const checked = checkPolicy(Policy, "resource");
    if (!checked.ok) throw malformedPolicy(checked.problem);
    if (!concerns(checked.document, bucketArn(Bucket))) throw malformedPolicy("Policy has invalid resource");
    const block = isPublic(checked.document) ? await objects.setting(Bucket, "publicAccessBlock") : undefined;
    if (block?.BlockPublicPolicy) throw publicPolicyBlocked(call.principal.arn, bucketArn(Bucket));
    await objects.setPolicy(Bucket, Policy);
    return {};
  },
});

/** A policy may speak only of its own bucket. */
function concerns(policy: PolicyDocument, arn: string): boolean {
  const resources = policy.Statement.flatMap(({ Resource = [], NotResource = [] }) => [Resource, NotResource].flat());
  return resources.every((resource) => resource === arn || resource.startsWith(`${arn}/`) || resource === `${arn}*`);
}
