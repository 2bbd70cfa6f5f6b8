/**
 * Listings, by key. A page begins behind a key, never at a count, so its cost does not grow with what comes
 * before it; a common prefix is passed in one step, however many keys are under it.
 */
import {
  currentObjectsFrom,
  type ListedObjectRow,
  type MultipartUploadRow,
  uploadsFrom,
  uploadsOfKeyAfter,
  versionById,
  versionsFrom,
  versionsOlderThan,
} from "../store/object.ts";
import type { Reader } from "../store/store.ts";
import { requireBucket } from "./buckets.ts";
import type { Checksum } from "./checksum.ts";
import { invalidVersionId } from "./errors.ts";
import { afterKey, afterPrefix, greaterKey } from "./key-order.ts";
import type {
  ListedObject,
  ListObjects,
  ListUploads,
  ListVersions,
  ObjectPage,
  UploadPage,
  VersionPage,
} from "./object-store.ts";
import { fromJson, toUpload } from "./rows.ts";

/** Rows read at a time where common prefixes may make most of them superfluous. */
const GROUPED_ROWS_COUNT = 100;

/** Errors: `NoSuchBucket`. */
export async function listObjects(reader: Reader, request: ListObjects): Promise<ObjectPage> {
  const { bucket } = request;
  await requireBucket(reader, bucket);
  const walk = await walkKeys<ListedObjectRow>(request, startOf(request), ({ from }, limit) =>
    reader.all(currentObjectsFrom, { bucket, from, limit }),
  );
  const next = walk.more ? (walk.last?.key ?? walk.commonPrefixes.at(-1)) : undefined;
  return { objects: walk.rows.map(toListed), commonPrefixes: walk.commonPrefixes, next };
}

/** Errors: `NoSuchBucket`; `InvalidArgument` when the version to go on behind is not one of its key. */
export async function listVersions(reader: Reader, request: ListVersions): Promise<VersionPage> {
  const { bucket, after, afterVersionId } = request;
  await requireBucket(reader, bucket);
  const start = startOf(request);
  const first = afterVersionId === undefined ? start : { ...start, behind: await versionRow(reader, request) };
  const walk = await walkKeys<ListedObjectRow>(request, first, async ({ from, behind }, limit) => {
    const older = behind ? await reader.all(versionsOlderThan, { bucket, key: behind.key, id: behind.id, limit }) : [];
    if (older.length === limit) return older;
    return [...older, ...(await reader.all(versionsFrom, { bucket, from, limit: limit - older.length }))];
  });
  const versions = walk.rows.map((row) => ({
    ...toListed(row),
    versionId: row.version_id,
    isLatest: row.is_latest === 1,
    isDeleteMarker: row.is_delete_marker === 1,
  }));
  const next = nextOf(walk, after, (row) => row.version_id);
  return {
    versions,
    commonPrefixes: walk.commonPrefixes,
    next: next && { key: next.key, versionId: next.id },
  };
}

/** Errors: `NoSuchBucket`. */
export async function listUploads(reader: Reader, request: ListUploads): Promise<UploadPage> {
  const { bucket, after, afterUploadId } = request;
  await requireBucket(reader, bucket);
  const start = startOf(request);
  const first = afterUploadId ? { ...start, behind: { key: after, upload_id: afterUploadId } } : start;
  const walk = await walkKeys<MultipartUploadRow, Pick<MultipartUploadRow, "key" | "upload_id">>(
    request,
    first,
    async ({ from, behind }, limit) => {
      const later = behind
        ? await reader.all(uploadsOfKeyAfter, { bucket, key: behind.key, upload_id: behind.upload_id, limit })
        : [];
      if (later.length === limit) return later;
      return [...later, ...(await reader.all(uploadsFrom, { bucket, from, limit: limit - later.length }))];
    },
  );
  const next = nextOf(walk, after, (row) => row.upload_id);
  return {
    uploads: walk.rows.map(toUpload),
    commonPrefixes: walk.commonPrefixes,
    next: next && { key: next.key, uploadId: next.id },
  };
}

/** Rows of the key of `behind` that come after it, then those of all keys from `from` on. */
interface Cursor<B> {
  readonly from: string;
  readonly behind?: B;
}

interface Walk<R> {
  readonly rows: readonly R[];
  readonly commonPrefixes: readonly string[];
  /** The last entry, when it is a row. */
  readonly last: R | undefined;
  readonly more: boolean;
}

/** Goes through rows in order of keys. Every round but the last brings an entry or passes a common prefix. */
async function walkKeys<R extends B, B extends { readonly key: string } = R>(
  request: ListObjects,
  start: Cursor<B>,
  fetch: (cursor: Cursor<B>, limit: number) => Promise<readonly R[]>,
): Promise<Walk<R>> {
  const { prefix, limit } = request;
  const rows: R[] = [];
  const commonPrefixes: string[] = [];
  let last: R | undefined;
  let cursor: Cursor<B> | undefined = limit > 0 ? start : undefined;
  while (cursor) {
    const batch: number = batchSize(request, limit + 1 - rows.length - commonPrefixes.length);
    const found: readonly R[] = await fetch(cursor, batch);
    for (const row of found) {
      if (!row.key.startsWith(prefix)) return { rows, commonPrefixes, last, more: false };
      const common = commonPrefixOf(row.key, request);
      if (common !== undefined && common === commonPrefixes.at(-1)) continue;
      if (rows.length + commonPrefixes.length === limit) return { rows, commonPrefixes, last, more: true };
      if (common === undefined) rows.push(row);
      else commonPrefixes.push(common);
      last = common === undefined ? row : undefined;
    }
    cursor = found.length < batch ? undefined : cursorBehind(found.at(-1), request);
  }
  return { rows, commonPrefixes, last, more: false };
}

function batchSize({ delimiter }: ListObjects, wanted: number): number {
  return delimiter ? Math.min(wanted, GROUPED_ROWS_COUNT) : wanted;
}

function cursorBehind<R extends { readonly key: string }>(row: R | undefined, request: ListObjects) {
  if (!row) return undefined;
  const common = commonPrefixOf(row.key, request);
  if (common === undefined) return { from: afterKey(row.key), behind: row };
  const from = afterPrefix(common);
  return from === undefined ? undefined : { from };
}

function commonPrefixOf(key: string, { prefix, delimiter }: ListObjects): string | undefined {
  if (!delimiter) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** A page that ended with a common prefix goes on behind all that is under it. */
function startOf(request: ListObjects): { readonly from: string } {
  const { prefix, after } = request;
  if (after === "") return { from: prefix };
  const passed = after.startsWith(prefix) && commonPrefixOf(after, request) === after;
  // There is no key behind the greatest prefix; one that sorts last lists nothing.
  const from = passed ? (afterPrefix(after) ?? after) : afterKey(after);
  return { from: greaterKey(from, prefix) };
}

function nextOf<R extends { readonly key: string }>(walk: Walk<R>, after: string, idOf: (row: R) => string) {
  if (!walk.more) return undefined;
  if (walk.last) return { key: walk.last.key, id: idOf(walk.last) };
  return { key: walk.commonPrefixes.at(-1) ?? after, id: undefined };
}

async function versionRow(reader: Reader, { bucket, after, afterVersionId = "" }: ListVersions) {
  const row = await reader.first(versionById, { bucket, key: after, version_id: afterVersionId });
  if (!row) throw invalidVersionId(afterVersionId);
  return row;
}

function toListed(row: ListedObjectRow): ListedObject {
  return {
    key: row.key,
    sizeBytes: row.size_bytes,
    etag: row.etag,
    lastModified: row.last_modified,
    checksum: fromJson<Checksum>(row.checksum),
  };
}
