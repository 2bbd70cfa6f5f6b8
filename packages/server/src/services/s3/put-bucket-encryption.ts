import type { BucketEncryption } from "../../objects/object-store.ts";
import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { invalidArgument, malformedXml, notImplemented } from "./errors.ts";

/** Says how objects are encrypted that do not say it. Errors: `MalformedXML`, `InvalidArgument`. Source: S3 API reference, PutBucketEncryption. */
export const putBucketEncryption = operation<S3, Input<"PutBucketEncryption">, Output<"PutBucketEncryption">>({
  name: "PutBucketEncryption",
  access: onBucket("s3:PutEncryptionConfiguration"),
  async run(input, { objects }) {
    await objects.setEncryption(input.Bucket, encryptionOf(input));
    return {};
  },
});

function encryptionOf({
  ServerSideEncryptionConfiguration: { Rules },
}: Input<"PutBucketEncryption">): BucketEncryption {
  const [rule, ...others] = Rules;
  if (!rule || others.length > 0) throw malformedXml();
  const { SSEAlgorithm = "AES256", KMSMasterKeyID: keyId } = rule.ApplyServerSideEncryptionByDefault ?? {};
  const bucketKey = rule.BucketKeyEnabled === undefined ? {} : { bucketKeyEnabled: rule.BucketKeyEnabled };
  if (SSEAlgorithm === "aws:kms") return { type: "aws:kms", keyId, ...bucketKey };
  if (SSEAlgorithm !== "AES256") throw notImplemented("SSEAlgorithm");
  if (keyId !== undefined) {
    throw invalidArgument(
      "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
      "KMSMasterKeyID",
      keyId,
    );
  }
  return { type: "AES256", ...bucketKey };
}
