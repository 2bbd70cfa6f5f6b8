import type { ObjectsContext } from "./context.ts";
import type { AskedEncryption, Bucket } from "./object-store.ts";
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
  sealed_key: Uint8Array;
}

/**
 * Makes the data key of a new object: as asked, else as the bucket says.
 *
 * Errors: those of KMS, as `Keys` names them.
 */
export async function newDataKey(
  context: ObjectsContext,
  bucket: Bucket,
  key: string,
  asked: AskedEncryption | undefined,
): Promise<NewDataKey> {
  const encryption = asked ?? bucket.encryption;
  const arn = objectArn(bucket.name, key);
  if (encryption.type === "AES256") {
    const { plain, sealed } = newSealedDataKey(context.masterKey, arn);
    return {
      plain,
      columns: { encryption: "AES256", kms_key_arn: null, kms_key_is_managed: 0, sealed_key: sealed },
    };
  }
  const { keyArn, plain, sealed } = await context.keys.newDataKey(encryption.keyId, bucket.region, kmsContext(arn));
  const managed = encryption.keyId === undefined || encryption.keyId.endsWith(MANAGED_ALIAS) ? 1 : 0;
  return {
    plain,
    columns: { encryption: "aws:kms", kms_key_arn: keyArn, kms_key_is_managed: managed, sealed_key: sealed },
  };
}

/** Errors: those of KMS; `ArtifactKeyError` when the master key is another one. */
export async function openDataKey(
  context: ObjectsContext,
  bucket: string,
  key: string,
  sealed: Pick<SealColumns, "encryption"> & { readonly sealed_key: Uint8Array | null },
): Promise<Buffer> {
  const bytes = Buffer.from(sealed.sealed_key ?? []);
  const arn = objectArn(bucket, key);
  if (sealed.encryption === "AES256") return openSealedDataKey(context.masterKey, bytes, arn);
  return context.keys.openDataKey(bytes, kmsContext(arn));
}

/** Also what a data key is bound to. Source: service authorization reference, Amazon S3, resource types. */
export function objectArn(bucket: string, key: string): string {
  return `arn:aws:s3:::${bucket}/${key}`;
}

const MANAGED_ALIAS = "alias/aws/s3";

/** Source: S3 user guide, "Using server-side encryption with AWS KMS keys", encryption context. */
function kmsContext(arn: string): Readonly<Record<string, string>> {
  return { "aws:s3:arn": arn };
}
