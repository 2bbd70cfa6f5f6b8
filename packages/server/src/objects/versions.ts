/**
 * The versions of one key.
 *
 * In a bucket that keeps versions every write adds one. In any other, a write replaces the null version and
 * leaves the others. The newest is the latest, whether it is an object or a delete marker. Functions here
 * run inside a transaction and answer which files no row names any more once it is committed.
 */
import { randomBytes } from "node:crypto";
import {
  deleteParts,
  deleteVersionRow,
  insertObject,
  latestVersion,
  type NewObjectRow,
  type ObjectRow,
  setLatest,
  versionById,
} from "../store/object.ts";
import type { Tx } from "../store/store.ts";
import { requireBucket } from "./buckets.ts";
import { noSuchKey, preconditionFailed } from "./errors.ts";
import type { Bucket, Deleted, ObjectName, WriteCondition } from "./object-store.ts";
import { filesOfUpload } from "./parts.ts";
import { NULL_VERSION } from "./rows.ts";

const VERSION_ID_BYTES = 24;

export interface PutVersion {
  readonly row: ObjectRow;
  readonly versioning: Bucket["versioning"];
  readonly unusedFiles: readonly string[];
}

export type VersionColumns = Omit<NewObjectRow, "version_id" | "is_latest" | "is_delete_marker">;

/** Makes this the latest version. Errors: `NoSuchBucket`, `PreconditionFailed`, `NoSuchKey` for `If-Match`. */
export async function putVersion(tx: Tx, columns: VersionColumns, condition: WriteCondition): Promise<PutVersion> {
  const { versioning } = await requireBucket(tx, columns.bucket);
  const name = { bucket: columns.bucket, key: columns.key };
  const latest = await tx.first(latestVersion, name);
  checkCondition(latest, name.key, condition);
  return { ...(await addVersion(tx, versioning, latest, { ...columns, is_delete_marker: 0 })), versioning };
}

/**
 * Deletes a version, or with no version id the current object, which may mean to put a marker before it.
 *
 * Errors, before anything is written: `PreconditionFailed`, `NoSuchKey` for `If-Match`.
 */
export async function removeVersion(
  tx: Tx,
  versioning: Bucket["versioning"],
  { bucket, key, versionId }: ObjectName,
  lastModified: number,
  condition: WriteCondition,
): Promise<{ readonly deleted: Deleted; readonly unusedFiles: readonly string[] }> {
  if (condition.ifMatch !== undefined) {
    const named = versionId === undefined ? undefined : { bucket, key, version_id: versionId };
    const row = named ? await tx.first(versionById, named) : await tx.first(latestVersion, { bucket, key });
    checkCondition(row, key, { ifMatch: condition.ifMatch });
  }
  if (versionId !== undefined) return removeNamed(tx, bucket, key, versionId);
  if (versioning === undefined) {
    const removed = await removeNamed(tx, bucket, key, NULL_VERSION);
    return { ...removed, deleted: { versionId: undefined, deleteMarker: false } };
  }
  const latest = await tx.first(latestVersion, { bucket, key });
  const { row, unusedFiles } = await addVersion(tx, versioning, latest, deleteMarker(bucket, key, lastModified));
  return { deleted: { versionId: row.version_id, deleteMarker: true }, unusedFiles };
}

async function addVersion(
  tx: Tx,
  versioning: Bucket["versioning"],
  latest: ObjectRow | undefined,
  columns: Omit<NewObjectRow, "version_id" | "is_latest">,
): Promise<{ readonly row: ObjectRow; readonly unusedFiles: readonly string[] }> {
  const version_id = versioning === "Enabled" ? newVersionId() : NULL_VERSION;
  const replaced = version_id === NULL_VERSION ? await findNull(tx, latest) : undefined;
  const unusedFiles = replaced ? await dropRow(tx, replaced) : [];
  if (latest && latest.id !== replaced?.id) await tx.run(setLatest, { id: latest.id, is_latest: 0 });
  const row: NewObjectRow = { ...columns, version_id, is_latest: 1 };
  await tx.run(insertObject, row);
  // The id is the database's to give; nobody needs it before the row is read again.
  return { row: { ...row, id: 0 }, unusedFiles };
}

/** The null version can only be older than the latest one when versions were kept in between. */
async function findNull(tx: Tx, latest: ObjectRow | undefined): Promise<ObjectRow | undefined> {
  if (!latest || latest.version_id === NULL_VERSION) return latest;
  return tx.first(versionById, { bucket: latest.bucket, key: latest.key, version_id: NULL_VERSION });
}

async function removeNamed(tx: Tx, bucket: string, key: string, versionId: string) {
  const row = await tx.first(versionById, { bucket, key, version_id: versionId });
  if (!row) return { deleted: { versionId, deleteMarker: false }, unusedFiles: [] };
  const unusedFiles = await dropRow(tx, row);
  if (row.is_latest) {
    const next = await tx.first(latestVersion, { bucket, key });
    if (next) await tx.run(setLatest, { id: next.id, is_latest: 1 });
  }
  return { deleted: { versionId, deleteMarker: row.is_delete_marker === 1 }, unusedFiles };
}

async function dropRow(tx: Tx, row: ObjectRow): Promise<readonly string[]> {
  await tx.run(deleteVersionRow, { id: row.id });
  if (row.upload_id === null) return row.file === null ? [] : [row.file];
  const files = await filesOfUpload(tx, row.upload_id);
  await tx.run(deleteParts, { upload_id: row.upload_id });
  return files;
}

function checkCondition(latest: ObjectRow | undefined, key: string, { ifMatch, ifNoneMatch }: WriteCondition): void {
  const current = latest && latest.is_delete_marker === 0 ? latest : undefined;
  if (ifNoneMatch !== undefined && current && matchesEtag(ifNoneMatch, current.etag)) {
    throw preconditionFailed("If-None-Match");
  }
  if (ifMatch === undefined) return;
  if (!current) throw noSuchKey(key);
  if (!matchesEtag(ifMatch, current.etag)) throw preconditionFailed("If-Match");
}

/** Whether an `If-Match` header, with quotes or without, names the ETag. */
export function matchesEtag(header: string, etag: string): boolean {
  return header.split(",").some((part) => {
    const wanted = part.trim();
    return wanted === "*" || bareEtag(wanted) === bareEtag(etag);
  });
}

export function bareEtag(etag: string): string {
  return etag.replace(/^(W\/)?"|"$|^&quot;|&quot;$/g, "");
}

function newVersionId(): string {
  return randomBytes(VERSION_ID_BYTES).toString("base64url").replaceAll("-", ".");
}

function deleteMarker(
  bucket: string,
  key: string,
  lastModified: number,
): Omit<NewObjectRow, "version_id" | "is_latest"> {
  return {
    bucket,
    key,
    is_delete_marker: 1,
    file: null,
    upload_id: null,
    size_bytes: 0,
    etag: "",
    last_modified: lastModified,
    content_type: "",
    headers: null,
    metadata: null,
    encryption: "AES256",
    kms_key_arn: null,
    kms_key_is_managed: 0,
    kms_context: null,
    sealed_key: null,
    checksum: null,
    tags: null,
    sealed_bytes: null,
  };
}
