import { objectArn } from "../../objects/data-key.ts";
import type { AskedEncryption, Bucket } from "../../objects/object-store.ts";
import type { Encryption } from "../../objects/objects.ts";
import { ServiceError } from "../../wire/error.ts";
import { type Access, type Call, homeOf } from "../../wire/operation.ts";
import { kmsAccess } from "./access.ts";
import type { S3 } from "./context.ts";
import { invalidArgument, kmsNeedsVersionFour, notImplemented } from "./errors.ts";
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
  if (keyId !== undefined && asked !== "aws:kms") {
    throw invalidArgument(
      "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
      "x-amz-server-side-encryption",
      asked ?? "null",
    );
  }
  if (asked === undefined) return undefined;
  if (asked === "AES256") return { type: "AES256" };
  if (asked === "aws:kms") return { type: "aws:kms", keyId, ...askedContext(input) };
  throw notImplemented("x-amz-server-side-encryption");
}

/** JSON of names and texts, as base64. Errors: `InvalidArgument`. Source: S3 user guide, "Encryption context". */
function askedContext({ SSEKMSEncryptionContext: text }: EncryptionInput): { context?: Record<string, string> } {
  if (text === undefined) return {};
  const context: unknown = parseJson(Buffer.from(text, "base64").toString());
  if (typeof context === "object" && context !== null && Object.values(context).every((one) => typeof one === "string"))
    return { context: Object.fromEntries(Object.entries(context)) };
  throw invalidArgument(
    "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map",
    "x-amz-server-side-encryption-context",
    text,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // what it should have been is said by whoever asked
  }
}

/** What a write's answer says of the context that it brought. */
export function contextHeader(encryption: Encryption) {
  if (encryption.type === "AES256" || !encryption.context) return {};
  return { SSEKMSEncryptionContext: Buffer.from(JSON.stringify(encryption.context)).toString("base64") };
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

/** A bucket's rule has none. */
function contextOf(asked: AskedEncryption | Bucket["encryption"] | undefined) {
  return asked && "context" in asked && asked.context ? { context: asked.context } : {};
}

interface WriteInput extends EncryptionInput {
  readonly ACL?: string;
  readonly Tagging?: string;
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
}

/**
 * What a write needs to be allowed: the object, with the condition keys of its encryption, and the KMS key
 * that was asked for, by the request or by the bucket.
 */
export async function writeAccess(
  s3: S3,
  bucket: Bucket,
  key: string,
  input: WriteInput,
  call: Call,
): Promise<readonly Access[]> {
  const resource = objectArn(bucket.name, key);
  const effective = input.ServerSideEncryption === undefined ? bucket.encryption : askedEncryption(input);
  if (effective?.type === "aws:kms" && call.signatureVersion === 2) throw kmsNeedsVersionFour();
  const keyArn = effective?.type === "aws:kms" ? await customerKeyArn(s3, effective.keyId, call) : undefined;
  const put = { action: "s3:PutObject", resource, context: putConditions(input, keyArn) };
  return [
    put,
    ...(input.Tagging === undefined ? [] : [{ action: "s3:PutObjectTagging", resource }]),
    ...(input.ACL === undefined ? [] : [{ action: "s3:PutObjectAcl", resource }]),
    ...(keyArn === undefined
      ? []
      : [kmsAccess("kms:GenerateDataKey", { keyArn, ...contextOf(effective) }, bucket.name, key, call)]),
  ];
}

function putConditions(
  { ServerSideEncryption: encryption, SSEKMSKeyId: keyId, ACL, IfMatch, IfNoneMatch }: WriteInput,
  keyArn: string | undefined,
): Record<string, string> {
  return {
    ...(encryption && { "s3:x-amz-server-side-encryption": encryption }),
    ...(keyId && { "s3:x-amz-server-side-encryption-aws-kms-key-id": keyArn ?? keyId }),
    ...(ACL && { "s3:x-amz-acl": ACL }),
    ...(IfMatch && { "s3:if-match": IfMatch }),
    ...(IfNoneMatch && { "s3:if-none-match": IfNoneMatch }),
  };
}

/** Nothing for the account's own key, which S3 may always use, and for a key that the write will refuse. */
async function customerKeyArn({ keys }: S3, keyId: string | undefined, call: Call): Promise<string | undefined> {
  if (keyId === undefined) return undefined;
  try {
    const key = await keys.find(keyId, homeOf(call));
    return key.manager === "AWS" ? undefined : key.arn;
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}
