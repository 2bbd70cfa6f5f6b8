import {
  latestVersionToRead,
  type ObjectRow,
  type ReadObjectRow,
  setObjectTags,
  versionToReadById,
} from "../store/object.ts";
import type { Reader } from "../store/store.ts";
import { requireBucket } from "./buckets.ts";
import type { ObjectsContext } from "./context.ts";
import { openDataKey } from "./data-key.ts";
import { deletedKey, markerNotAllowed, noSuchKey, noSuchVersion } from "./errors.ts";
import { openFromRow } from "./in-row.ts";
import type { ByteRange, ObjectName, OpenVersion, Part, ReadPlan, StoredVersion } from "./object-store.ts";
import { readBytes, type Segment } from "./outflow.ts";
import { partsOfUpload } from "./parts.ts";
import { toJson, toPart, toVersion } from "./rows.ts";

/** How often a read looks again when the version was replaced between its row and its file. */
const TRIES_COUNT_MAX = 5;

/** Errors: `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` for a marker named by its id. */
export async function findVersion(reader: Reader, name: ObjectName, method = "GET"): Promise<StoredVersion> {
  const row = await findRow(reader, name);
  if (!row) {
    await requireBucket(reader, name.bucket); // whether there is no bucket either
    throw name.versionId === undefined ? noSuchKey(name.key) : noSuchVersion(name.key, name.versionId);
  }
  if (row.is_delete_marker) {
    throw name.versionId === undefined ? deletedKey(name.key, row.version_id) : markerNotAllowed(method);
  }
  return toVersion(row, row.versioning ?? undefined);
}

/** Finds a version and opens the bytes that `plan` wants. Errors: those of `findVersion`, `plan` and KMS. */
export async function openVersion(
  context: ObjectsContext,
  name: ObjectName,
  plan: ReadPlan = () => undefined,
): Promise<OpenVersion> {
  for (let attempt = 1; ; attempt += 1) {
    const version = await findVersion(context.store.read, name);
    const range = await plan(version);
    try {
      return { version, body: await openBody(context, version, range) };
    } catch (error) {
      if (!isMissing(error)) throw error;
      if (attempt === TRIES_COUNT_MAX) throw missingFile(version, error);
    }
  }
}

/** Errors: those of `findVersion`. */
export async function setTags(
  context: ObjectsContext,
  name: ObjectName,
  tags: Readonly<Record<string, string>>,
): Promise<StoredVersion> {
  return context.store.transact(async (tx) => {
    const version = await findVersion(tx, name, "PUT");
    await tx.run(setObjectTags, { id: version.row.id, tags: toJson(tags) });
    return { ...version, tags };
  });
}

/** The parts of an object that was put in parts; of any other, none. */
export async function partsOf(context: ObjectsContext, { row }: StoredVersion): Promise<readonly Part[]> {
  if (row.upload_id === null) return [];
  return (await partsOfUpload(context.store.read, row.upload_id)).map(toPart);
}

async function openBody(context: ObjectsContext, version: StoredVersion, range: ByteRange | undefined) {
  const { row } = version;
  if (row.size_bytes === 0) return Buffer.alloc(0);
  if (row.sealed_bytes !== null) {
    return openFromRow(await openDataKey(context, row.bucket, row.key, row), row, row.sealed_bytes, range);
  }
  const segments = await segmentsOf(context.store.read, row);
  const dataKey = await openDataKey(context, row.bucket, row.key, row);
  return readBytes(context.files, dataKey, segments, range);
}

async function segmentsOf(reader: Reader, row: ObjectRow): Promise<readonly Segment[]> {
  if (row.upload_id === null) return row.file === null ? [] : [{ file: row.file, sizeBytes: row.size_bytes }];
  const parts = await partsOfUpload(reader, row.upload_id);
  const segments = parts.flatMap(({ file, size_bytes }) => (file === null ? [] : { file, sizeBytes: size_bytes }));
  // The parts of an object that was deleted since its row was read are gone with it.
  if (segments.length === 0) throw Object.assign(new Error("the object was deleted"), { code: "ENOENT" });
  return segments;
}

function findRow(reader: Reader, { bucket, key, versionId }: ObjectName): Promise<ReadObjectRow | undefined> {
  if (versionId === undefined) return reader.first(latestVersionToRead, { bucket, key });
  return reader.first(versionToReadById, { bucket, key, version_id: versionId });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function missingFile({ bucket, key, row }: StoredVersion, cause: unknown): Error {
  return new Error(`The artifact file ${row.file} of ${bucket}/${key} is missing from the data folder.`, { cause });
}
