/**
 * Small objects.
 *
 * A file costs its making, its renaming and two syncs, which for few bytes is most of what a write costs. So the bytes
 * of a small object lie sealed in its row: written with the commit that makes the row durable, read with the row, gone
 * with it. They are sealed as a file of one chunk is; the data key has nothing else under it, so a fixed name will do.
 */
import type { ObjectRow } from "../store/object.ts";
import type { ByteRange } from "./object-store.ts";
import { createSealer, fileKey, openChunk } from "./seal.ts";

/** The largest object that lies in its row: less than a chunk. Unit: bytes. Source: measured. */
export const IN_ROW_BYTES_MAX = 16 * 1024;

/** In place of a file's name, to derive the key; no file has it. */
const NAME = "row";

/** Seals the bytes of a small object. Its data key may seal nothing else. */
export function sealForRow(dataKey: Buffer, plain: readonly Buffer[]): Buffer {
  const sealer = createSealer(fileKey(dataKey, NAME));
  return Buffer.concat([...plain.flatMap((buffer) => sealer.push(buffer)), ...sealer.end()]);
}

/** The plain bytes of a range of a small object. Throws when the row is not what was written. */
export function openFromRow(
  dataKey: Buffer,
  { bucket, key }: Pick<ObjectRow, "bucket" | "key">,
  sealed: Uint8Array,
  range: ByteRange | undefined,
): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  try {
    const plain = openChunk(fileKey(dataKey, NAME), 0, bytes);
    return range ? plain.subarray(range.start, range.end + 1) : plain;
  } catch (cause) {
    throw new Error(`The row of ${bucket}/${key} is damaged: its bytes are not those that were written.`, { cause });
  }
}
