import zlib from "node:zlib";
import { allOf } from "../all-of.ts";
import { throughStream } from "../bytes.ts";
import { textIn } from "../failure-of.ts";
import { AT_ONCE_BYTES_MAX } from "../limits.ts";
import { badEntry } from "./invalid-zip.ts";
import type { ZipEntry } from "./read-directory.ts";
import { LOCAL_HEADER, LOCAL_SIGNATURE, lengthOf, readRecord } from "./records.ts";
import type { ReadUntil } from "./zip-source.ts";

/**
 * The unpacked bytes of an entry, from a reader that is not beyond its local header. Size and checksum are checked;
 * when they are wrong, that is an error after the last byte, so nothing should be done with the bytes before. There is
 * at least one piece.
 *
 * Errors: `InvalidZip`.
 */
export async function* entryBytes(readUntil: ReadUntil, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const { path, start, packed, size, crc } = entry;
  for await (const _ of readUntil(start));
  const headerEnd = start + lengthOf(LOCAL_HEADER);
  // Name and extra fields may differ from the directory's, so the data's place is known only here.
  const header = readRecord(LOCAL_HEADER, await allOf(readUntil(headerEnd)));
  const [signature, , , , , , , , nameBytes, extraBytes] = header;
  if (signature !== LOCAL_SIGNATURE) throw badEntry("corrupt", path, "is not where the directory of the zip says");
  const dataStart = headerEnd + nameBytes + extraBytes;
  for await (const _ of readUntil(dataStart));
  let at = 0;
  let checksum = 0;
  let cause: unknown;
  try {
    for await (const chunk of inflated(readUntil(dataStart + packed), entry)) {
      at += chunk.length;
      checksum = zlib.crc32(chunk, checksum);
      if (at > size) break;
      yield chunk;
    }
  } catch (error) {
    if (!/^Z_|^ERR_BUFFER_TOO_LARGE/.test(textIn(error, "code"))) throw error;
    cause = error;
  }
  if (cause || at !== size || checksum !== crc) {
    const what = `is damaged: it is not the ${size} bytes that the zip declares`;
    throw badEntry("corrupt", path, what, { cause });
  }
}

/** What is small is inflated at once, several times faster than a stream each. */
async function* inflated(bytes: AsyncIterable<Uint8Array>, { deflated, packed, size }: ZipEntry) {
  if (Math.max(packed, size) > AT_ONCE_BYTES_MAX) {
    yield* deflated ? throughStream(bytes, zlib.createInflateRaw({ chunkSize: 256 * 1024 })) : bytes;
    return;
  }
  const all = await allOf(bytes);
  // One byte more than declared, so that the usual case fills one chunk and a longer one is noticed.
  const options = { chunkSize: Math.max(64, size + 1), maxOutputLength: Math.max(1, size) };
  yield deflated ? zlib.inflateRawSync(all, options) : all;
}
