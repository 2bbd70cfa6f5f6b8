import { pipeline, Readable, type Transform } from "node:stream";

/** Bytes that come, in whatever way. */
type Bytes = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array>;

/** What a stream gives, as bytes. */
export const asBytes = (piece: Uint8Array | string) => (typeof piece === "string" ? Buffer.from(piece) : piece);

/** Bytes as one of Node's streams. */
export const asStream = (bytes: Bytes) => Readable.from(bytes, { objectMode: false });

/** Bytes as one of zlib's streams makes them. An error of theirs destroys it, so that whoever reads from it sees the error. */
export function throughStream(bytes: Bytes, zlib: Transform): AsyncIterable<Buffer> {
  return pipeline(asStream(bytes), zlib, () => {}); // such a stream gives buffers
}
