import type { BucketEncryption } from "../../objects/object-store.ts";
import { operation } from "../../wire/operation.ts";
import { onBucket } from "./access.ts";
import type { Input, Output, S3 } from "./context.ts";
import { given } from "./given.ts";
import type { ServerSideEncryptionByDefault } from "./shapes.generated.ts";

/** Every bucket has one: SSE-S3 when nothing was put. Errors: `NoSuchBucket`. Source: S3 API reference, GetBucketEncryption. */
export const getBucketEncryption = operation<S3, Input<"GetBucketEncryption">, Output<"GetBucketEncryption">>({
  name: "GetBucketEncryption",
  access: onBucket("s3:GetEncryptionConfiguration"),
  async run({ Bucket }, { objects }) {
    const { encryption } = await objects.bucket(Bucket);
    const rule = {
      ApplyServerSideEncryptionByDefault: byDefault(encryption),
      BucketKeyEnabled: encryption.bucketKeyEnabled ?? false,
    };
    return { ServerSideEncryptionConfiguration: { Rules: [rule] } };
  },
});

function byDefault(encryption: BucketEncryption): ServerSideEncryptionByDefault {
  if (encryption.type === "AES256") return { SSEAlgorithm: "AES256" };
  return { SSEAlgorithm: "aws:kms", ...given({ KMSMasterKeyID: encryption.keyId }) };
}
