/**
 * Multipart uploads.
 *
 * An upload has the data key of the object that it will become, and every part is a file of its own under
 * it. Completing moves no byte: one transaction makes the object's row, which names the upload, drops the
 * parts that were not listed, and ends the upload. A repeated completion finds that row and answers the same.
 */
import { createHash, randomBytes } from "node:crypto";
import {
  deletePart,
  deleteParts,
  deleteUploadRow,
  insertUpload,
  type MultipartUploadRow,
  objectOfUpload,
  type PartRow,
  partByNumber,
  partsAfter,
  uploadById,
  upsertPart,
} from "../store/object.ts";
import type { Reader, Tx } from "../store/store.ts";
import { requireBucket } from "./buckets.ts";
import { type Checksum, type ChecksumAlgorithm, startChecksum } from "./checksum.ts";
import type { ObjectsContext } from "./context.ts";
import { canCombine, combineCrcs } from "./crc-combine.ts";
import { newDataKey, openDataKey } from "./data-key.ts";
import { badChecksum, entityTooSmall, invalidPart, invalidPartOrder, invalidRequest, noSuchUpload } from "./errors.ts";
import { takeIn } from "./intake.ts";
import type {
  CompleteUpload,
  CopyPart,
  CreateUpload,
  NamedPart,
  Part,
  PartPage,
  StoredVersion,
  Upload,
  UploadName,
  WritePart,
} from "./object-store.ts";
import { partsOfUpload } from "./parts.ts";
import { openVersion } from "./read.ts";
import { fromJson, propertyColumns, toPart, toUpload, toVersion } from "./rows.ts";
import { bareEtag, putVersion } from "./versions.ts";
import { asStream, checkName, commitFiles, etagOf } from "./write.ts";

/** Of every part but the last. Unit: bytes. Source: S3 user guide, "Amazon S3 multipart upload limits". */
const PART_SIZE_BYTES_MIN = 5 * 1024 ** 2;

const UPLOAD_ID_BYTES = 24;
/** Digits of the time before an upload's id, so that ids sort by it. */
const TIME_DIGITS = 12;

/** Errors: `NoSuchBucket`, `KeyTooLongError`, `MetadataTooLarge`, `InvalidRequest`, those of KMS. */
export async function createUpload(context: ObjectsContext, request: CreateUpload): Promise<Upload> {
  checkName(request.key, request.metadata);
  const bucket = await requireBucket(context.store.read, request.bucket);
  const { columns } = await newDataKey(context, bucket, request.key, request);
  const row: MultipartUploadRow = {
    upload_id: newUploadId(context.now()),
    bucket: request.bucket,
    key: request.key,
    initiated_at: context.now(),
    checksum_algorithm: request.checksumAlgorithm ?? null,
    checksum_type: checksumTypeOf(request) ?? null,
    ...propertyColumns(request),
    ...columns,
  };
  await context.store.transact(async (tx) => {
    await requireBucket(tx, request.bucket);
    await tx.run(insertUpload, row);
  });
  return toUpload(row);
}

/** Errors: `NoSuchUpload`. */
export async function findUpload(reader: Reader, name: UploadName): Promise<Upload> {
  return toUpload(await requireUpload(reader, name));
}

/** Errors: `NoSuchUpload`, and those of `takeIn`. */
export async function writePart(context: ObjectsContext, request: WritePart): Promise<Part> {
  const upload = await requireUpload(context.store.read, request);
  const asked = request.checksum?.algorithm;
  if (asked && upload.checksum_algorithm && asked !== upload.checksum_algorithm) {
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${upload.checksum_algorithm.toLowerCase()}, actual checksum Type: ${asked.toLowerCase()}`,
    );
  }
  const dataKey = await openDataKey(context, upload.bucket, upload.key, upload);
  const taken = await takeIn(context, dataKey, request.body, withChecksumOf(upload, request));
  const row: PartRow = {
    upload_id: upload.upload_id,
    part_number: request.partNumber,
    file: taken.file,
    size_bytes: taken.sizeBytes,
    etag: etagOf(taken, upload.encryption),
    last_modified: context.now(),
    checksum: taken.checksum ? JSON.stringify(taken.checksum) : null,
  };
  await commitFiles(context, taken, async (tx) => {
    await requireUpload(tx, request);
    const replaced = await tx.first(partByNumber, row);
    await tx.run(upsertPart, row);
    return { unusedFiles: replaced?.file ? [replaced.file] : [] };
  });
  return toPart(row);
}

/** Errors: those of `openVersion` and `writePart`. */
export async function copyPart(context: ObjectsContext, request: CopyPart): Promise<Part> {
  await requireUpload(context.store.read, request);
  const { body } = await openVersion(context, request.source, () => request.range);
  return writePart(context, { ...request, body: asStream(body) });
}

/** Errors: `NoSuchUpload`, `InvalidPart`, `InvalidPartOrder`, `EntityTooSmall`, `BadDigest`, `PreconditionFailed`. */
export async function completeUpload(context: ObjectsContext, request: CompleteUpload): Promise<StoredVersion> {
  checkOrder(request);
  const { version, unusedFiles } = await context.store.transact(async (tx) => {
    const upload = await findNamed(tx, request);
    if (!upload) return { version: await completedBefore(tx, request), unusedFiles: [] };
    const { listed, others } = sortOut(await partsOfUpload(tx, upload.upload_id), request);
    for (const { upload_id, part_number } of others) await tx.run(deletePart, { upload_id, part_number });
    await tx.run(deleteUploadRow, { upload_id: upload.upload_id });
    const columns = await objectColumns(upload, listed, request, context.now());
    const put = await putVersion(tx, columns, request);
    const dropped = others.flatMap(({ file }) => file ?? []);
    return { version: toVersion(put.row, put.versioning), unusedFiles: [...dropped, ...put.unusedFiles] };
  });
  context.files.remove(unusedFiles);
  return version;
}

/** Errors: `NoSuchUpload`. */
export async function abortUpload(context: ObjectsContext, name: UploadName): Promise<void> {
  const files = await context.store.transact(async (tx) => {
    const { upload_id } = await requireUpload(tx, name);
    const parts = await partsOfUpload(tx, upload_id);
    await tx.run(deleteParts, { upload_id });
    await tx.run(deleteUploadRow, { upload_id });
    return parts.flatMap(({ file }) => file ?? []);
  });
  context.files.remove(files);
}

/** Errors: `NoSuchUpload`. */
export async function listParts(reader: Reader, name: UploadName, after: number, limit: number): Promise<PartPage> {
  const upload = await requireUpload(reader, name);
  const rows = await reader.all(partsAfter, { upload_id: upload.upload_id, after, limit: limit + 1 });
  const parts = rows.slice(0, limit).map(toPart);
  return {
    upload: toUpload(upload),
    parts,
    next: rows.length > limit ? (parts.at(-1)?.partNumber ?? after) : undefined,
  };
}

async function objectColumns(
  upload: MultipartUploadRow,
  parts: readonly PartRow[],
  request: CompleteUpload,
  lastModified: number,
) {
  const { upload_id, bucket, key, content_type, headers, metadata, tags } = upload;
  const { encryption, kms_key_arn, kms_key_is_managed, kms_context, sealed_key } = upload;
  const size_bytes = parts.reduce((sum, part) => sum + part.size_bytes, 0);
  const checksum = await checksumOfWhole(upload, parts, request.checksum);
  return {
    ...{ bucket, key, upload_id, content_type, headers, metadata, tags },
    ...{ encryption, kms_key_arn, kms_key_is_managed, kms_context, sealed_key, size_bytes },
    file: null,
    sealed_bytes: null,
    etag: etagOfParts(parts.map((part) => part.etag)),
    last_modified: lastModified,
    checksum: checksum ? JSON.stringify(checksum) : null,
  };
}

async function findNamed(reader: Reader, { bucket, key, uploadId }: UploadName) {
  const row = await reader.first(uploadById, { upload_id: uploadId });
  return row && row.bucket === bucket && row.key === key ? row : undefined;
}

async function requireUpload(reader: Reader, name: UploadName): Promise<MultipartUploadRow> {
  await requireBucket(reader, name.bucket);
  const row = await findNamed(reader, name);
  if (!row) throw noSuchUpload(name.uploadId);
  return row;
}

/** What a completion made whose answer was lost, if this is the same one. */
async function completedBefore(tx: Tx, request: CompleteUpload): Promise<StoredVersion> {
  const { versioning } = await requireBucket(tx, request.bucket);
  const row = await tx.first(objectOfUpload, { upload_id: request.uploadId });
  const same = row && row.bucket === request.bucket && row.key === request.key;
  if (!same || row.etag !== etagOfParts(request.parts.map((part) => part.etag))) throw noSuchUpload(request.uploadId);
  return toVersion(row, versioning);
}

function checkOrder({ parts, uploadId }: CompleteUpload): void {
  parts.forEach((part, index) => {
    const before = parts[index - 1];
    if (before && before.partNumber >= part.partNumber) throw invalidPartOrder(uploadId);
  });
}

/** Tells the parts that the client listed from those that it left out. */
function sortOut(rows: readonly PartRow[], { parts, uploadId }: CompleteUpload) {
  const left = new Map(rows.map((row) => [row.part_number, row]));
  const listed = parts.map((part, index) => {
    const row = left.get(part.partNumber);
    if (!row || !isNamed(row, part)) throw invalidPart(uploadId, part.partNumber, bareEtag(part.etag));
    if (row.size_bytes < PART_SIZE_BYTES_MIN && index < parts.length - 1) {
      throw entityTooSmall(row.size_bytes, PART_SIZE_BYTES_MIN, part.partNumber, bareEtag(part.etag));
    }
    left.delete(part.partNumber);
    return row;
  });
  return { listed, others: [...left.values()] };
}

function isNamed(row: PartRow, { etag, checksums }: NamedPart): boolean {
  if (bareEtag(etag) !== bareEtag(row.etag)) return false;
  const checksum = fromJson<Checksum>(row.checksum);
  const named = checksum && checksums[checksum.algorithm];
  return named === undefined || named === checksum?.value;
}

/** Source: observed since 2010, and documented in "Checking object integrity": the MD5 of the parts' MD5s. */
function etagOfParts(etags: readonly string[]): string {
  const hash = createHash("md5");
  for (const etag of etags) hash.update(Buffer.from(bareEtag(etag), "hex"));
  return `"${hash.digest("hex")}-${etags.length}"`;
}

async function checksumOfWhole(
  { checksum_algorithm, checksum_type }: MultipartUploadRow,
  rows: readonly PartRow[],
  asked: CompleteUpload["checksum"],
): Promise<Checksum | undefined> {
  // Written by `createUpload`, which takes only these.
  const algorithm = checksum_algorithm as ChecksumAlgorithm | null;
  if (algorithm === null) return undefined;
  const parts = rows.map(({ checksum, size_bytes }) => ({
    value: fromJson<Checksum>(checksum)?.value,
    sizeBytes: size_bytes,
  }));
  const known = parts.flatMap(({ value, sizeBytes }) => (value === undefined ? [] : { value, sizeBytes }));
  if (known.length < parts.length) return undefined;
  const checksum: Checksum =
    checksum_type === "FULL_OBJECT"
      ? { algorithm, type: "FULL_OBJECT", value: combineCrcs(algorithm, known) }
      : { algorithm, type: "COMPOSITE", value: await compositeOf(algorithm, known) };
  if (asked && asked.algorithm === algorithm && !sameChecksum(asked.value, checksum.value))
    throw badChecksum(algorithm);
  return checksum;
}

async function compositeOf(
  algorithm: ChecksumAlgorithm,
  parts: readonly { readonly value: string }[],
): Promise<string> {
  const running = await startChecksum(algorithm);
  for (const { value } of parts) running.update(Buffer.from(value, "base64"));
  return `${await running.digest()}-${parts.length}`;
}

/** Clients send a composite checksum with its number of parts or without it. */
function sameChecksum(asked: string, value: string): boolean {
  return asked === value || asked === value.replace(/-\d+$/, "");
}

/** Source: S3 user guide, "Checking object integrity": CRC64NVME only of the whole, SHA only of the parts. */
function checksumTypeOf({ checksumAlgorithm, checksumType }: CreateUpload) {
  if (!checksumAlgorithm) return undefined;
  const type = checksumType ?? (checksumAlgorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE");
  const possible = type === "FULL_OBJECT" ? canCombine(checksumAlgorithm) : checksumAlgorithm !== "CRC64NVME";
  if (!possible) {
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${checksumAlgorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return type;
}

/** A part without a checksum gets one when the upload was begun with an algorithm. */
function withChecksumOf({ checksum_algorithm }: MultipartUploadRow, request: WritePart): WritePart {
  if (request.checksum || checksum_algorithm === null) return request;
  // Written by `createUpload`, which takes only these.
  return { ...request, checksum: { algorithm: checksum_algorithm as ChecksumAlgorithm, expected: () => undefined } };
}

function newUploadId(now: number): string {
  return now.toString(16).padStart(TIME_DIGITS, "0") + randomBytes(UPLOAD_ID_BYTES).toString("base64url");
}
