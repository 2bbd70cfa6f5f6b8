import {
  type BucketRow,
  bucketByName,
  bucketsAfter,
  deleteBucketRow,
  insertBucket,
  setBucketEncryption,
  setBucketPolicy,
  setBucketVersioning,
  setBucketTags as setTagsOfBucket,
} from "../store/bucket.ts";
import { deleteSettingsOf } from "../store/bucket-setting.ts";
import { anyVersionIn, deleteParts, deleteUploadRow, uploadsFrom } from "../store/object.ts";
import type { Reader, Tx } from "../store/store.ts";
import type { Home } from "../wire/operation.ts";
import type { ObjectsContext } from "./context.ts";
import {
  bucketAlreadyExists,
  bucketAlreadyOwnedByYou,
  bucketNotEmpty,
  invalidBucketName,
  noSuchBucket,
} from "./errors.ts";
import type { Bucket, BucketEncryption } from "./object-store.ts";
import { filesOfUpload } from "./parts.ts";
import { fromJson, toJson } from "./rows.ts";

/** Uploads that a deletion of a bucket ends at a time. */
const UPLOADS_COUNT = 100;

export async function createBucket(context: ObjectsContext, name: string, { account, region }: Home): Promise<void> {
  checkBucketName(name);
  await context.store.transact(async (tx) => {
    const before = await tx.first(bucketByName, { name });
    if (before) throw before.account === account ? bucketAlreadyOwnedByYou(name) : bucketAlreadyExists(name);
    await tx.run(insertBucket, {
      name,
      region,
      account,
      created_at: context.now(),
      versioning: null,
      policy: null,
      encryption: null,
      tags: null,
    });
  });
}

/** Errors: `NoSuchBucket`. */
export async function requireBucket(reader: Reader, name: string): Promise<Bucket> {
  const row = await reader.first(bucketByName, { name });
  if (!row) throw noSuchBucket(name);
  return toBucket(row);
}

export async function listBuckets(
  context: ObjectsContext,
  page: { readonly account: string; readonly after: string; readonly limit: number },
): Promise<readonly Bucket[]> {
  return (await context.store.read.all(bucketsAfter, page)).map(toBucket);
}

/** Ends the bucket's unfinished uploads with it, as the service does. */
export async function deleteBucket(context: ObjectsContext, name: string): Promise<void> {
  const files = await context.store.transact(async (tx) => {
    await requireBucket(tx, name);
    if (await tx.first(anyVersionIn, { bucket: name })) throw bucketNotEmpty(name);
    const files = await endUploads(tx, name);
    await tx.run(deleteSettingsOf, { bucket: name });
    await tx.run(deleteBucketRow, { name });
    return files;
  });
  context.files.remove(files);
}

async function endUploads(tx: Tx, bucket: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (;;) {
    // Every round deletes what it found, so the rounds end with the uploads.
    const uploads = await tx.all(uploadsFrom, { bucket, from: "", limit: UPLOADS_COUNT });
    for (const { upload_id } of uploads) {
      files.push(...(await filesOfUpload(tx, upload_id)));
      await tx.run(deleteParts, { upload_id });
      await tx.run(deleteUploadRow, { upload_id });
    }
    if (uploads.length < UPLOADS_COUNT) return files;
  }
}

export async function setVersioning(
  context: ObjectsContext,
  name: string,
  versioning: "Enabled" | "Suspended",
): Promise<void> {
  const changed = await context.store.transact((tx) => tx.run(setBucketVersioning, { name, versioning }));
  if (changed === 0) throw noSuchBucket(name);
}

export async function setPolicy(context: ObjectsContext, name: string, policy: string | undefined): Promise<void> {
  const row = { name, policy: policy ?? null };
  const changed = await context.store.transact((tx) => tx.run(setBucketPolicy, row));
  if (changed === 0) throw noSuchBucket(name);
}

export async function setEncryption(
  context: ObjectsContext,
  name: string,
  encryption: BucketEncryption | undefined,
): Promise<void> {
  const row = { name, encryption: encryption ? JSON.stringify(encryption) : null };
  const changed = await context.store.transact((tx) => tx.run(setBucketEncryption, row));
  if (changed === 0) throw noSuchBucket(name);
}

export async function setBucketTags(
  context: ObjectsContext,
  name: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const changed = await context.store.transact((tx) => tx.run(setTagsOfBucket, { name, tags: toJson(tags) }));
  if (changed === 0) throw noSuchBucket(name);
}

function toBucket(row: BucketRow): Bucket {
  return {
    name: row.name,
    region: row.region,
    account: row.account,
    createdAt: row.created_at,
    versioning: row.versioning ?? undefined,
    policy: row.policy ?? undefined,
    tags: fromJson<Record<string, string>>(row.tags) ?? {},
    // Written by `setEncryption` above.
    encryption: row.encryption ? (JSON.parse(row.encryption) as BucketEncryption) : { type: "AES256" },
  };
}

const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const IP_ADDRESS = /^\d{1,3}(\.\d{1,3}){3}$/;
const RESERVED = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

/** Source: S3 user guide, "General purpose bucket naming rules". */
function checkBucketName(name: string): void {
  const fine = BUCKET_NAME.test(name) && !name.includes("..") && !IP_ADDRESS.test(name) && !RESERVED.test(name);
  if (!fine) throw invalidBucketName(name);
}
