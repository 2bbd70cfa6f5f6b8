import { objectArn } from "../../objects/data-key.ts";
import type { AskedEncryption, Bucket } from "../../objects/object-store.ts";
import type { Encryption } from "../../objects/objects.ts";
import { ServiceError } from "../../wire/error.ts";
import type { Access, Call } from "../../wire/operation.ts";
import { kmsAccess } from "./access.ts";
import type { S3 } from "./context.ts";
import { invalidArgument, notImplemented } from "./errors.ts";
import type { ServerSideEncryption } from "./shapes.generated.ts";

interface EncryptionInput {
  readonly ServerSideEncryption?: ServerSideEncryption;
  readonly SSEKMSKeyId?: string;
  readonly SSEKMSEncryptionContext?: string;
  readonly SSECustomerAlgorithm?: string;
  readonly SSECustomerKey?: string;
}

/** What a request asks for; nothing when it leaves it to the bucket. Errors: `InvalidArgument`, `NotImplemented`. */
export function askedEncryption(input: EncryptionInput): AskedEncryption | undefined {
  const { ServerSideEncryption: asked, SSEKMSKeyId: keyId } = input;
  refuseCustomerKey(input);
  if (input.SSEKMSEncryptionContext !== undefined) throw notImplemented("x-amz-server-side-encryption-context");
  if (keyId !== undefined && asked !== "aws:kms") {
    throw invalidArgument(
      "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
      "x-amz-server-side-encryption",
      asked ?? "null",
    );
  }
  if (asked === undefined) return undefined;
  if (asked === "AES256") return { type: "AES256" };
  if (asked === "aws:kms") return { type: "aws:kms", keyId };
  throw notImplemented("x-amz-server-side-encryption");
}

/** Keys that clients bring along are not supported. Errors: `NotImplemented`. */
export function refuseCustomerKey(input: Pick<EncryptionInput, "SSECustomerAlgorithm" | "SSECustomerKey">): void {
  if (input.SSECustomerAlgorithm !== undefined || input.SSECustomerKey !== undefined) {
    throw notImplemented("x-amz-server-side-encryption-customer-algorithm");
  }
}

/** The headers of an answer that say how an object is encrypted. */
export function encryptionHeaders(encryption: Encryption) {
  if (encryption.type === "AES256") return { ServerSideEncryption: "AES256" as const };
  return { ServerSideEncryption: "aws:kms" as const, SSEKMSKeyId: encryption.keyArn };
}

/**
 * What a write needs to be allowed: the object, with the condition keys of its encryption, and the KMS key
 * that was asked for, by the request or by the bucket.
 */
export async function writeAccess(
  s3: S3,
  bucket: Bucket,
  key: string,
  input: EncryptionInput & { readonly ACL?: string; readonly Tagging?: string },
  call: Call,
): Promise<readonly Access[]> {
  const resource = objectArn(bucket.name, key);
  const effective = input.ServerSideEncryption === undefined ? bucket.encryption : askedEncryption(input);
  const keyArn = effective?.type === "aws:kms" ? await customerKeyArn(s3, effective.keyId, call) : undefined;
  const put = { action: "s3:PutObject", resource, context: putConditions(input, keyArn) };
  return [
    put,
    ...(input.Tagging === undefined ? [] : [{ action: "s3:PutObjectTagging", resource }]),
    ...(input.ACL === undefined ? [] : [{ action: "s3:PutObjectAcl", resource }]),
    ...(keyArn === undefined ? [] : [kmsAccess("kms:GenerateDataKey", keyArn, bucket.name, key, call)]),
  ];
}

function putConditions(
  { ServerSideEncryption: encryption, SSEKMSKeyId: keyId, ACL }: EncryptionInput & { readonly ACL?: string },
  keyArn: string | undefined,
): Record<string, string> {
  return {
    ...(encryption && { "s3:x-amz-server-side-encryption": encryption }),
    ...(keyId && { "s3:x-amz-server-side-encryption-aws-kms-key-id": keyArn ?? keyId }),
    ...(ACL && { "s3:x-amz-acl": ACL }),
  };
}

/** Nothing for the account's own key, which S3 may always use, and for a key that the write will refuse. */
async function customerKeyArn({ keys }: S3, keyId: string | undefined, call: Call): Promise<string | undefined> {
  if (keyId === undefined) return undefined;
  try {
    const key = await keys.find(keyId, call.region);
    return key.manager === "AWS" ? undefined : key.arn;
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}
