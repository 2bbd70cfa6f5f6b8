import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { ServiceError } from "../wire/error.ts";
import { requireBucket } from "./buckets.ts";
import type { ObjectsContext } from "./context.ts";
import { newDataKey } from "./data-key.ts";
import { keyTooLong, metadataTooLarge } from "./errors.ts";
import { IN_ROW_BYTES_MAX } from "./in-row.ts";
import { type TakenBytes, takeIn } from "./intake.ts";
import type { CopyObject, StoredVersion, WriteObject } from "./object-store.ts";
import { openVersion } from "./read.ts";
import { propertyColumns, toVersion } from "./rows.ts";
import { putVersion } from "./versions.ts";

/** Unit: bytes of UTF-8. Source: S3 user guide, "Naming Amazon S3 objects". */
const KEY_BYTES_MAX = 1024;
/** Names and values together. Unit: bytes of UTF-8. Source: S3 user guide, "User-defined object metadata". */
const METADATA_BYTES_MAX = 2048;

/**
 * Puts one object: its bytes become durable in a file, then the row that names the file; few bytes go into the row.
 *
 * Errors: those of `takeIn`, of `newDataKey` and of `putVersion`; `KeyTooLongError`, `MetadataTooLarge`.
 */
export async function writeObject(context: ObjectsContext, request: WriteObject): Promise<StoredVersion> {
  checkName(request.key, request.metadata);
  const bucket = await requireBucket(context.store.read, request.bucket);
  const dataKey = await newDataKey(context, bucket, request.key, request);
  const taken = await takeIn(context, dataKey.plain, request.body, request, IN_ROW_BYTES_MAX);
  const put = await commitFiles(context, taken, (tx) =>
    putVersion(
      tx,
      {
        bucket: request.bucket,
        key: request.key,
        file: taken.file,
        sealed_bytes: taken.sealed,
        upload_id: null,
        size_bytes: taken.sizeBytes,
        etag: etagOf(taken, dataKey.columns.encryption),
        last_modified: context.now(),
        checksum: taken.checksum ? JSON.stringify(taken.checksum) : null,
        ...propertyColumns(request),
        ...dataKey.columns,
      },
      request,
    ),
  );
  return toVersion(put.row, put.versioning);
}

/** Copies by reading and writing: the copy has a data key of its own, bound to its own name. */
export async function copyObject(context: ObjectsContext, request: CopyObject): Promise<StoredVersion> {
  const { version, body } = await openVersion(context, request.source);
  const algorithm = request.checksumAlgorithm ?? version.checksum?.algorithm;
  return writeObject(context, {
    bucket: request.bucket,
    key: request.key,
    body: asStream(body),
    contentType: request.keepProperties ? version.contentType : request.contentType,
    headers: request.keepProperties ? version.headers : request.headers,
    metadata: request.keepProperties ? version.metadata : request.metadata,
    tags: request.keepTags ? version.tags : request.tags,
    encryption: request.encryption,
    ifMatch: request.ifMatch,
    ifNoneMatch: request.ifNoneMatch,
    checksum: algorithm && { algorithm, expected: () => undefined },
  });
}

export function asStream(body: Readable | Buffer): Readable {
  return Buffer.isBuffer(body) ? Readable.from(body.length > 0 ? [body] : [], { objectMode: false }) : body;
}

/**
 * Commits a row that names a new file, and removes what the commit made unused. When the commit was
 * refused, the new file goes; when it failed otherwise, nobody knows, and the file is left to the sweep.
 */
export async function commitFiles<T extends { readonly unusedFiles: readonly string[] }>(
  { store, files }: ObjectsContext,
  taken: TakenBytes,
  work: Parameters<typeof store.transact<T>>[0],
): Promise<T> {
  try {
    const done = await store.transact(work);
    files.remove(done.unusedFiles);
    return done;
  } catch (error) {
    if (error instanceof ServiceError && taken.file) files.remove([taken.file]);
    throw error;
  } finally {
    if (taken.file) files.settled(taken.file);
  }
}

/** Of SSE-S3 the MD5 of the bytes; of SSE-KMS something else, as in the service, so that nobody takes it for one. */
export function etagOf({ md5, file, sealed }: TakenBytes, encryption: "AES256" | "aws:kms"): string {
  const digest =
    encryption === "AES256"
      ? md5
      : createHash("md5")
          .update(md5)
          .update(file ?? sealed ?? "")
          .digest();
  return `"${digest.toString("hex")}"`;
}

export function checkName(key: string, metadata: Readonly<Record<string, string>> | undefined): void {
  const keyBytes = Buffer.byteLength(key);
  if (keyBytes > KEY_BYTES_MAX) throw keyTooLong(keyBytes, KEY_BYTES_MAX);
  if (!metadata) return;
  let metadataBytes = 0;
  for (const [name, value] of Object.entries(metadata)) metadataBytes += Buffer.byteLength(name + value);
  if (metadataBytes > METADATA_BYTES_MAX) throw metadataTooLarge(metadataBytes, METADATA_BYTES_MAX);
}
