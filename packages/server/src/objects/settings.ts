import { deleteSetting, putSetting, settingOf } from "../store/bucket-setting.ts";
import type { Reader } from "../store/store.ts";
import { requireBucket } from "./buckets.ts";
import type { ObjectsContext } from "./context.ts";
import type { LifecycleConfiguration } from "./lifecycle-rules.ts";

/** What can be said of a bucket besides what `Bucket` has, by name. Members as S3's model has them. */
export interface BucketSettings {
  readonly lifecycle: LifecycleConfiguration;
  readonly publicAccessBlock: PublicAccessBlock;
  readonly ownership: ObjectOwnership;
}

export interface PublicAccessBlock {
  readonly BlockPublicAcls: boolean;
  readonly IgnorePublicAcls: boolean;
  readonly BlockPublicPolicy: boolean;
  readonly RestrictPublicBuckets: boolean;
}

export type ObjectOwnership = "BucketOwnerEnforced" | "BucketOwnerPreferred" | "ObjectWriter";

/** What a new bucket has. Source: S3 user guide, "Default settings for new S3 buckets" (since April 2023). */
const DEFAULTS: Partial<BucketSettings> = {
  publicAccessBlock: {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  },
  ownership: "BucketOwnerEnforced",
};

/** The setting, a new bucket's where nothing was said, nothing where it was taken away. */
export async function findSetting<Name extends keyof BucketSettings>(
  reader: Reader,
  bucket: string,
  name: Name,
): Promise<BucketSettings[Name] | undefined> {
  const row = await reader.first(settingOf, { bucket, name });
  if (!row) return DEFAULTS[name];
  // Written by `setSetting` of the same name.
  return (JSON.parse(row.value) as BucketSettings[Name] | null) ?? undefined;
}

/** Puts a setting, or takes it away. Errors: `NoSuchBucket`. */
export async function setSetting<Name extends keyof BucketSettings>(
  context: ObjectsContext,
  bucket: string,
  name: Name,
  value: BucketSettings[Name] | undefined,
): Promise<void> {
  await context.store.transact(async (tx) => {
    await requireBucket(tx, bucket);
    if (value === undefined && DEFAULTS[name] === undefined) await tx.run(deleteSetting, { bucket, name });
    else await tx.run(putSetting, { bucket, name, value: JSON.stringify(value ?? null) });
  });
}
