/** The bytes of a zip, wherever they are. */
export interface ZipSource {
  /** What messages call it. */
  readonly label: string;
  readonly sizeBytes: number;
  /** Exactly the bytes `[start, end)`, piece by piece. */
  stream(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** Reads a stream of bytes in order, in pieces as one needs them. */
export interface ByteReader {
  /** Offset in the zip of the next byte. */
  position(): number;
  /** The next bytes as they come. Errors: `RangeError` when there are fewer. */
  pieces(lengthBytes: number): AsyncGenerator<Uint8Array>;
  /** Leaves out what comes before `offset`. */
  skipTo(offset: number): Promise<void>;
}

/** Reads `bytes`, the first of which is at `start` in the zip. */
export function readInOrder(bytes: AsyncIterable<Uint8Array>, start: number): ByteReader {
  const iterator = bytes[Symbol.asyncIterator]();
  let position = start;
  let held: Uint8Array = new Uint8Array();
  const pieces = async function* (lengthBytes: number): AsyncGenerator<Uint8Array> {
    const end = position + lengthBytes;
    while (position < end) {
      if (held.length === 0) {
        const { value, done } = await iterator.next();
        if (done) throw new RangeError("The bytes end too early.");
        held = value;
      }
      const piece = held.subarray(0, end - position);
      held = held.subarray(piece.length);
      position += piece.length;
      yield piece;
    }
  };
  return {
    position: () => position,
    pieces,
    async skipTo(offset) {
      for await (const _ of pieces(offset - position));
    },
  };
}
