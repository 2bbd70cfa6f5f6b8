import { pipeline, Readable } from "node:stream";
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import { allOf } from "../all-of.ts";
import { codeOf } from "../failure-of.ts";
import { badEntry } from "./invalid-zip.ts";
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
export async function* entryBytes(reader: ByteReader, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const { path, packedBytes, sizeBytes, isDeflated } = entry;
  const corrupt = (what: string, options?: ErrorOptions) => badEntry("corrupt", path, what, options);
  await skipHeader(reader, entry);
  const packed = reader.pieces(packedBytes);
  let atBytes = 0;
  let checksum = 0;
  try {
    for await (const chunk of isDeflated ? inflated(packed, Math.max(packedBytes, sizeBytes), sizeBytes) : packed) {
      atBytes += chunk.length;
      checksum = crc32(chunk, checksum);
      if (atBytes > sizeBytes) break;
      yield chunk;
    }
  } catch (cause) {
    if (codeOf(cause).startsWith("Z_")) throw corrupt("is damaged: its compressed data cannot be read", { cause });
    if (codeOf(cause) !== "ERR_BUFFER_TOO_LARGE") throw cause;
    atBytes = sizeBytes + 1;
  }
  if (atBytes > sizeBytes) throw corrupt(`unpacks to more than the ${sizeBytes} bytes that the zip declares`);
  if (atBytes < sizeBytes) throw corrupt(`unpacks to ${atBytes} bytes, but the zip declares ${sizeBytes}`);
  if (checksum !== entry.crc32) throw corrupt("is damaged: its CRC-32 is not what the zip says");
}

/** The local header's name and extra fields may differ from the directory's, so the data's place is known only here. */
async function skipHeader(reader: ByteReader, { path, packedBytes, endOffsetMax }: ZipEntry): Promise<void> {
  const header = await allOf(reader.pieces(lengthOf(LOCAL_HEADER)));
  const [signature, , , , , , , , nameBytes, extraBytes] = readRecord(LOCAL_HEADER, header);
  if (signature !== LOCAL_SIGNATURE) throw badEntry("corrupt", path, "is not where the directory of the zip says");
  const dataStart = reader.position() + nameBytes + extraBytes;
  if (dataStart + packedBytes > endOffsetMax) throw overlaps(path);
  await reader.skipTo(dataStart);
}

async function* inflated(packed: AsyncIterable<Uint8Array>, largestBytes: number, sizeBytes: number) {
  if (largestBytes <= AT_ONCE_BYTES_MAX) {
    // One byte more than declared, so that the usual case fills one chunk and a longer one is noticed.
    const chunkSize = Math.max(64, sizeBytes + 1);
    yield inflateRawSync(await allOf(packed), { chunkSize, maxOutputLength: Math.max(1, sizeBytes) });
    return;
  }
  const inflate = createInflateRaw({ chunkSize: 256 * 1024 });
  // An error of the source destroys `inflate` with it, so that whoever reads from it sees the error.
  pipeline(Readable.from(packed, { objectMode: false }), inflate, () => {});
  for await (const chunk of inflate) yield chunk as Buffer; // zlib's streams give buffers
}
