import { accountOfArn } from "../../identity/arn.ts";
import { objectArn } from "../../objects/data-key.ts";
import { keyAccess } from "../../objects/key-access.ts";
import type { ObjectName, StoredVersion } from "../../objects/object-store.ts";
import type { Encryption } from "../../objects/objects.ts";
import { ServiceError } from "../../wire/error.ts";
import { type Access, type Call, homeOf } from "../../wire/operation.ts";
import { type BucketInput, requireBucket, type S3 } from "./context.ts";
import { kmsNeedsVersionFour } from "./errors.ts";

/** Source: service authorization reference, "Actions, resources, and condition keys for Amazon S3". */
export function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

/** An action on a bucket. The bucket comes first: one that is not there is told to everyone. */
export function onBucket(action: string) {
  return async (input: BucketInput, s3: S3, call: Call): Promise<readonly Access[]> => {
    await requireBucket(s3, input, call);
    return [{ action, resource: bucketArn(input.Bucket) }];
  };
}

interface ObjectInput extends BucketInput {
  readonly Key: string;
  readonly VersionId?: string;
}

/** An action on an object; `versionAction` when a version is named. */
export function onObject(action: string, versionAction = action) {
  return async (input: ObjectInput, s3: S3, call: Call): Promise<readonly Access[]> => {
    await requireBucket(s3, input, call);
    return [objectAccess(nameOf(input), action, versionAction)];
  };
}

export function objectAccess({ bucket, key, versionId }: ObjectName, action: string, versionAction = action): Access {
  const resource = objectArn(bucket, key);
  if (versionId === undefined) return { action, resource };
  return { action: versionAction, resource, context: { "s3:VersionId": versionId } };
}

export function nameOf({ Bucket, Key, VersionId }: ObjectInput): ObjectName {
  return { bucket: Bucket, key: Key, versionId: VersionId };
}

/**
 * What a read needs to be allowed: the object, its key at KMS, and for an object that is not there the list,
 * since else the answer would tell that it is not. Source: S3 API reference, GetObject, "Permissions".
 */
export async function readAccess(s3: S3, name: ObjectName, call: Call): Promise<readonly Access[]> {
  const read = objectAccess(name, "s3:GetObject", "s3:GetObjectVersion");
  const version = await findOrNothing(s3, name);
  if (!version) return [read, { action: "s3:ListBucket", resource: bucketArn(name.bucket) }];
  return [read, ...decryptAccess(version, call)];
}

type KmsEncryption = Extract<Encryption, { readonly type: "aws:kms" }>;

/** Using a key that is not the caller's account's own for S3 is a permission of its own. Errors: `InvalidArgument` for an old signature. */
export function decryptAccess(
  version: Pick<StoredVersion, "bucket" | "key" | "encryption" | "kmsKeyIsManaged">,
  call: Call,
) {
  if (version.encryption.type === "AES256") return [];
  if (call.signatureVersion === 2) throw kmsNeedsVersionFour();
  if (version.kmsKeyIsManaged && accountOfArn(version.encryption.keyArn) === call.principal.account) return [];
  return [kmsAccess("kms:Decrypt", version.encryption, version.bucket, version.key, call)];
}

/** The use of a key in the caller's name, with what the data key is bound to. */
export function kmsAccess(
  action: Parameters<typeof keyAccess>[0],
  { keyArn, context }: Pick<KmsEncryption, "keyArn" | "context">,
  bucket: string,
  key: string,
  call: Call,
): Access {
  return keyAccess(action, keyArn, objectArn(bucket, key), homeOf(call), context);
}

async function findOrNothing({ objects }: S3, name: ObjectName): Promise<StoredVersion | undefined> {
  try {
    return await objects.find(name);
  } catch (error) {
    // Whatever is wrong with the name, the operation says it, to those who may know.
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}
