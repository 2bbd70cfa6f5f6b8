import type { EncryptionContext } from "../keys/keys.ts";
import type { ObjectsContext } from "./context.ts";
import type { Bucket, ObjectProperties } from "./object-store.ts";
import { fromJson, toJson } from "./rows.ts";
import { newSealedDataKey, openSealedDataKey } from "./seal.ts";

/** A new object's or upload's data key, and the columns that say how it is sealed. */
export interface NewDataKey {
  readonly plain: Buffer;
  readonly columns: SealColumns;
}

export interface SealColumns {
  encryption: "AES256" | "aws:kms";
  kms_key_arn: string | null;
  kms_key_is_managed: 0 | 1;
  kms_context: string | null;
  sealed_key: Uint8Array;
}

/**
 * Makes the data key of a new object: as asked, else as the bucket says. Names of keys belong to the account that writes.
 * Source: S3 user guide, "Setting default server-side encryption behavior", use with cross-account operations.
 *
 * Errors: those of KMS, as `Keys` names them.
 */
export async function newDataKey(
  context: ObjectsContext,
  bucket: Bucket,
  key: string,
  { encryption: asked, writer = bucket.account }: Pick<ObjectProperties, "encryption" | "writer">,
): Promise<NewDataKey> {
  const encryption = asked ?? bucket.encryption;
  const arn = objectArn(bucket.name, key);
  if (encryption.type === "AES256") {
    const { plain, sealed } = newSealedDataKey(context.masterKey, arn);
    return {
      plain,
      columns: {
        ...{ encryption: "AES256", kms_key_arn: null, kms_key_is_managed: 0, kms_context: null },
        sealed_key: sealed,
      },
    };
  }
  const more = "context" in encryption ? encryption.context : undefined; // a bucket's rule has none
  const bound = kmsContext(arn, more);
  const { keyArn, plain, sealed } = await context.keys.newDataKey(
    encryption.keyId,
    { account: writer, region: bucket.region },
    bound,
  );
  const managed = encryption.keyId === undefined || encryption.keyId.endsWith(MANAGED_ALIAS) ? 1 : 0;
  return {
    plain,
    columns: {
      ...{ encryption: "aws:kms", kms_key_arn: keyArn, kms_key_is_managed: managed, kms_context: toJson(more) },
      sealed_key: sealed,
    },
  };
}

/** Errors: those of KMS; `ArtifactKeyError` when the master key is another one. */
export async function openDataKey(
  context: ObjectsContext,
  bucket: string,
  key: string,
  sealed: Pick<SealColumns, "encryption" | "kms_context"> & { readonly sealed_key: Uint8Array | null },
): Promise<Buffer> {
  const bytes = Buffer.from(sealed.sealed_key ?? []);
  const arn = objectArn(bucket, key);
  if (sealed.encryption === "AES256") return openSealedDataKey(context.masterKey, bytes, arn);
  return context.keys.openDataKey(bytes, kmsContext(arn, fromJson(sealed.kms_context)));
}

/** Also what a data key is bound to. Source: service authorization reference, Amazon S3, resource types. */
export function objectArn(bucket: string, key: string): string {
  return `arn:aws:s3:::${bucket}/${key}`;
}

const MANAGED_ALIAS = "alias/aws/s3";

/** Source: S3 user guide, "Using server-side encryption with AWS KMS keys", encryption context. */
function kmsContext(arn: string, more: EncryptionContext | undefined): EncryptionContext {
  return { ...more, "aws:s3:arn": arn };
}
