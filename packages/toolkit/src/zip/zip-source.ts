/** The bytes of a zip, wherever they are. */
export interface ZipSource {
  /** What messages call it. */
  readonly label: string;
  /** Unit: bytes. */
  readonly size: number;
  /** Exactly the bytes `[start, end)`, piece by piece. */
  stream(start: number, end: number): AsyncIterable<Uint8Array>;
}

/**
 * Reads on in a zip: gives what comes before `end`, an offset in the zip, as it comes. What is not taken is left out.
 *
 * Errors: `RangeError` when the bytes end before.
 */
export type ReadUntil = (end: number) => AsyncGenerator<Uint8Array>;

/** Reads `bytes`, the first of which is at `start` in the zip, in order. */
export function readInOrder(bytes: AsyncIterable<Uint8Array>, start: number): ReadUntil {
  const iterator = bytes[Symbol.asyncIterator]();
  let position = start;
  let held: Uint8Array = new Uint8Array();
  return async function* (end) {
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
}
