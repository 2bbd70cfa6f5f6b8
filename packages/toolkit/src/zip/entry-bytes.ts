import { pipeline, Readable } from "node:stream";
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import { InvalidZip } from "./invalid-zip.ts";
import { overlaps, type ZipEntry } from "./read-directory.ts";
import { LOCAL_HEADER, LOCAL_SIGNATURE, lengthOf, readRecord } from "./records.ts";
import type { ByteReader } from "./zip-source.ts";

/** Entries up to this many bytes, packed and unpacked, are inflated at once: several times faster than a stream each. */
const AT_ONCE_BYTES_MAX = 1024 * 1024;

/**
 * The unpacked bytes of an entry, from a reader that stands at its local header. Size and checksum are checked; when
 * they are wrong, that is an error after the last byte, so nothing should be done with the bytes before.
 *
 * Errors: `InvalidZip`.
 */
export async function* entryBytes(reader: ByteReader, entry: ZipEntry): AsyncGenerator<Buffer> {
  await skipHeader(reader, entry);
  if (Math.max(entry.sizeBytes, entry.packedBytes) <= AT_ONCE_BYTES_MAX) {
    yield inflateAtOnce(await reader.take(entry.packedBytes), entry);
    return;
  }
  const packed = reader.pieces(entry.packedBytes);
  yield* checked(entry, entry.isDeflated ? inflated(packed, entry) : packed);
}

/** The local header's name and extra fields may differ from the directory's, so the data's place is known only here. */
async function skipHeader(reader: ByteReader, entry: ZipEntry): Promise<void> {
  const header = readRecord(LOCAL_HEADER, await reader.take(lengthOf(LOCAL_HEADER)));
  if (header.signature !== LOCAL_SIGNATURE) throw corrupt(entry, "is not where the directory of the zip says");
  const dataStart = reader.position + header.nameBytes + header.extraBytes;
  if (dataStart + entry.packedBytes > entry.endOffsetMax) throw overlaps(entry.path);
  await reader.skipTo(dataStart);
}

function inflateAtOnce(packed: Buffer, entry: ZipEntry): Buffer {
  const data = entry.isDeflated ? inflateBounded(packed, entry) : packed;
  checkEnd(entry, data.length, crc32(data));
  return data;
}

function inflateBounded(packed: Buffer, entry: ZipEntry): Buffer {
  // One byte more than declared, so that the usual case fills one chunk and a longer one is noticed.
  const chunkSize = Math.max(64, entry.sizeBytes + 1);
  try {
    return inflateRawSync(packed, { chunkSize, maxOutputLength: Math.max(1, entry.sizeBytes) });
  } catch (cause) {
    throw inflateFault(entry, cause);
  }
}

async function* inflated(packed: AsyncGenerator<Buffer>, entry: ZipEntry): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw({ chunkSize: 256 * 1024 });
  // An error of the source destroys `inflate` with it, so that whoever reads from it sees the error.
  pipeline(Readable.from(packed, { objectMode: false }), inflate, () => {});
  try {
    for await (const chunk of inflate) yield chunk as Buffer; // zlib's streams give buffers
  } catch (cause) {
    throw codeOf(cause).startsWith("Z_") ? inflateFault(entry, cause) : cause;
  }
}

async function* checked(entry: ZipEntry, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  let checksum = 0;
  for await (const chunk of bytes) {
    sizeBytes += chunk.length;
    if (sizeBytes > entry.sizeBytes) throw tooLong(entry);
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  checkEnd(entry, sizeBytes, checksum);
}

function checkEnd(entry: ZipEntry, sizeBytes: number, checksum: number): void {
  if (sizeBytes !== entry.sizeBytes) {
    throw corrupt(entry, `unpacks to ${sizeBytes} bytes, but the zip declares ${entry.sizeBytes}`);
  }
  if (checksum !== entry.crc32) throw corrupt(entry, "is damaged: its CRC-32 is not what the zip says");
}

function inflateFault(entry: ZipEntry, cause: unknown): InvalidZip {
  if (codeOf(cause) === "ERR_BUFFER_TOO_LARGE") return tooLong(entry);
  return corrupt(entry, "is damaged: its compressed data cannot be read", cause);
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
const tooLong = (entry: ZipEntry) =>
  corrupt(entry, `unpacks to more than the ${entry.sizeBytes} bytes that the zip declares`);
const corrupt = (entry: ZipEntry, what: string, cause?: unknown) =>
  new InvalidZip("corrupt", `entry '${entry.path}' ${what}`, { cause });
