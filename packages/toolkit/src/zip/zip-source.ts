/** The bytes of a zip, wherever they are. */
export interface ZipSource {
  /** What messages call it. */
  readonly label: string;
  readonly sizeBytes: number;
  /** Exactly the bytes `[start, end)`. */
  read(start: number, end: number): Promise<Buffer>;
  /** The same, piece by piece. */
  stream(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** Reads a stream of bytes in order, in pieces as one needs them. */
export interface ByteReader {
  /** Offset in the zip of the next byte. */
  readonly position: number;
  /** The next bytes. Errors: `RangeError` when there are fewer. */
  take(lengthBytes: number): Promise<Buffer>;
  /** The next bytes as they come. */
  pieces(lengthBytes: number): AsyncGenerator<Buffer>;
  /** Leaves out what comes before `offset`. */
  skipTo(offset: number): Promise<void>;
}

/** Reads `bytes`, the first of which is at `start` in the zip. */
export function readInOrder(bytes: AsyncIterable<Uint8Array>, start: number): ByteReader {
  const iterator = bytes[Symbol.asyncIterator]();
  let position = start;
  let held: Buffer = Buffer.alloc(0);
  const next = async (lengthBytes: number): Promise<Buffer> => {
    while (held.length === 0) {
      const { value, done } = await iterator.next();
      if (done) throw new RangeError("The bytes end too early.");
      held = asBuffer(value);
    }
    const piece = held.subarray(0, lengthBytes);
    held = held.subarray(piece.length);
    position += piece.length;
    return piece;
  };
  const pieces = async function* (lengthBytes: number): AsyncGenerator<Buffer> {
    const end = position + lengthBytes;
    while (position < end) yield await next(end - position);
  };
  return {
    get position() {
      return position;
    },
    async take(lengthBytes) {
      if (lengthBytes === 0) return Buffer.alloc(0);
      const first = await next(lengthBytes);
      return first.length === lengthBytes
        ? first
        : await joined(first, pieces(lengthBytes - first.length), lengthBytes);
    },
    pieces,
    async skipTo(offset) {
      while (position < offset) await next(offset - position);
    },
  };
}

async function joined(first: Buffer, rest: AsyncIterable<Buffer>, lengthBytes: number): Promise<Buffer> {
  const chunks = [first];
  for await (const chunk of rest) chunks.push(chunk);
  return Buffer.concat(chunks, lengthBytes);
}

const asBuffer = (bytes: Uint8Array) =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
