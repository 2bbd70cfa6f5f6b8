/**
 * Applies the buckets' lifecycle rules: at the start, and then once an hour.
 *
 * A run walks every bucket that has rules, page by page, decides for each version by what the listing shows, and
 * deletes what is due in one transaction a page. A version is looked at again inside the transaction, since
 * it may have been replaced in between; what is left over is the next run's.
 */
import { settingsAfter } from "../store/bucket-setting.ts";
import {
  type ListedObjectRow,
  latestVersion,
  type MultipartUploadRow,
  uploadsFrom,
  versionById,
  versionsFrom,
} from "../store/object.ts";
import { ServiceError } from "../wire/error.ts";
import { requireBucket } from "./buckets.ts";
import type { ObjectsContext } from "./context.ts";
import { afterKey } from "./key-order.ts";
import {
  concerns,
  isExpired,
  isMarkerExpired,
  isNoncurrentExpired,
  isUploadExpired,
  type LifecycleConfiguration,
  type LifecycleRule,
} from "./lifecycle-rules.ts";
import { abortUpload } from "./multipart.ts";
import { fromJson } from "./rows.ts";
import { removeVersion } from "./versions.ts";

/** Keys, uploads or buckets that are read at a time. */
const PAGE_COUNT = 200;
/** Versions of one key that are looked at in one run; more are the next run's, once these are gone. */
const VERSIONS_OF_KEY_COUNT_MAX = 1_000;

/** Applies all rules once. Stops when told. Answers how many versions and uploads it ended. */
export async function applyLifecycle(context: ObjectsContext, stop: AbortSignal): Promise<number> {
  let ended = 0;
  for (let after = ""; !stop.aborted; ) {
    const page = await context.store.read.all(settingsAfter, { name: "lifecycle", after, limit: PAGE_COUNT });
    for (const { bucket, value } of page) {
      // Written by `setSetting`.
      const { Rules } = JSON.parse(value) as LifecycleConfiguration;
      const rules = Rules.filter(({ Status }) => Status === "Enabled");
      if (rules.length > 0) ended += await applyTo(context, bucket, rules, stop);
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE_COUNT) break;
    after = last.bucket;
  }
  return ended;
}

async function applyTo(
  context: ObjectsContext,
  bucket: string,
  rules: readonly LifecycleRule[],
  stop: AbortSignal,
): Promise<number> {
  try {
    return (await endVersions(context, bucket, rules, stop)) + (await endUploads(context, bucket, rules, stop));
  } catch (error) {
    // A bucket that was deleted meanwhile has nothing left to end.
    if (error instanceof ServiceError && error.code === "NoSuchBucket") return 0;
    throw error;
  }
}

async function endVersions(
  context: ObjectsContext,
  bucket: string,
  rules: readonly LifecycleRule[],
  stop: AbortSignal,
): Promise<number> {
  let ended = 0;
  for (let from = ""; !stop.aborted; ) {
    const rows = await readKeys(context, bucket, from);
    const due = (await Promise.all(byKey(rows).map((versions) => dueOf(context, bucket, versions, rules)))).flat();
    if (due.length > 0) ended += await endAll(context, bucket, due);
    const last = rows.at(-1);
    if (!last) break;
    from = afterKey(last.key);
  }
  return ended;
}

/** All versions of the next keys: the last key of a full page may have more, so it is read to its end. */
async function readKeys({ store }: ObjectsContext, bucket: string, from: string): Promise<readonly ListedObjectRow[]> {
  const rows = await store.read.all(versionsFrom, { bucket, from, limit: PAGE_COUNT });
  const last = rows.at(-1);
  if (!last || rows.length < PAGE_COUNT) return rows;
  const whole = rows.filter(({ key }) => key !== last.key);
  if (whole.length > 0) return whole;
  const more = await store.read.all(versionsFrom, { bucket, from: last.key, limit: VERSIONS_OF_KEY_COUNT_MAX });
  return more.filter(({ key }) => key === last.key);
}

/** The versions of each key, newest first. */
function byKey(rows: readonly ListedObjectRow[]): readonly (readonly ListedObjectRow[])[] {
  return [...Map.groupBy(rows, ({ key }) => key).values()];
}

interface Due {
  readonly row: ListedObjectRow;
  /** Whether it goes as what it is, or is deleted as a client would delete the key. */
  readonly byId: boolean;
}

async function dueOf(
  context: ObjectsContext,
  bucket: string,
  versions: readonly ListedObjectRow[],
  rules: readonly LifecycleRule[],
): Promise<readonly Due[]> {
  const now = context.now();
  const due: Due[] = [];
  for (const [index, row] of versions.entries()) {
    const newer = versions[index - 1];
    const isDue = (rule: LifecycleRule) => {
      if (newer) return isNoncurrentExpired(rule, newer.last_modified, index - 1, now);
      if (row.is_delete_marker) return versions.length === 1 && isMarkerExpired(rule, row.last_modified, now);
      return isExpired(rule, row.last_modified, now);
    };
    const timely = rules.filter(isDue);
    if (timely.length === 0) continue;
    const filtered = { key: row.key, sizeBytes: row.size_bytes, tags: await tagsOf(context, bucket, row, timely) };
    if (timely.some((rule) => concerns(rule, filtered)))
      due.push({ row, byId: newer !== undefined || row.is_delete_marker === 1 });
  }
  return due;
}

/** Listings have no tags, and few rules ask for them. */
async function tagsOf(
  { store }: ObjectsContext,
  bucket: string,
  { key, version_id }: ListedObjectRow,
  rules: readonly LifecycleRule[],
) {
  if (!rules.some(({ Filter }) => Filter?.Tag ?? Filter?.And?.Tags)) return {};
  const row = await store.read.first(versionById, { bucket, key, version_id });
  return fromJson<Record<string, string>>(row?.tags ?? null) ?? {};
}

async function endAll(context: ObjectsContext, bucket: string, due: readonly Due[]): Promise<number> {
  const { ended, files } = await context.store.transact(async (tx) => {
    const { versioning } = await requireBucket(tx, bucket);
    const files: string[] = [];
    let ended = 0;
    for (const { row, byId } of due) {
      const { key, version_id, id } = row;
      const found = byId
        ? await tx.first(versionById, { bucket, key, version_id })
        : await tx.first(latestVersion, { bucket, key });
      if (found?.id !== id) continue;
      const name = { bucket, key, versionId: byId ? version_id : undefined };
      files.push(...(await removeVersion(tx, versioning, name, context.now(), {})).unusedFiles);
      ended += 1;
    }
    return { ended, files };
  });
  context.files.remove(files);
  return ended;
}

async function endUploads(
  context: ObjectsContext,
  bucket: string,
  rules: readonly LifecycleRule[],
  stop: AbortSignal,
): Promise<number> {
  const now = context.now();
  let ended = 0;
  for (let from = ""; !stop.aborted; ) {
    const uploads = await context.store.read.all(uploadsFrom, { bucket, from, limit: PAGE_COUNT });
    for (const upload of uploads) if (isUploadDue(upload, rules, now) && (await endUpload(context, upload))) ended += 1;
    const last = uploads.at(-1);
    if (!last || uploads.length < PAGE_COUNT) break;
    // Uploads of this key that the page cut off are the next run's.
    from = afterKey(last.key);
  }
  return ended;
}

function isUploadDue({ key, initiated_at }: MultipartUploadRow, rules: readonly LifecycleRule[], now: number): boolean {
  return rules.some(
    (rule) => isUploadExpired(rule, initiated_at, now) && concerns(rule, { key, sizeBytes: 0, tags: {} }),
  );
}

async function endUpload(context: ObjectsContext, { bucket, key, upload_id }: MultipartUploadRow): Promise<boolean> {
  try {
    await abortUpload(context, { bucket, key, uploadId: upload_id });
    return true;
  } catch (error) {
    // It was completed or aborted meanwhile.
    if (error instanceof ServiceError) return false;
    throw error;
  }
}
