/**
 * A place in the order of events: their time, then the batch, then the place in the batch.
 *
 * Written as 56 digits, which sort as the places do; so an event's id looks like the service's, and so do tokens.
 */
export interface Position {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly seq: number;
  readonly index: number;
}

/** Comes before, or after, every event of its time. */
export const firstAt = (at: number): Position => ({ at, seq: 0, index: 0 });
export const lastAt = (at: number): Position => ({
  at,
  seq: Number.MAX_SAFE_INTEGER,
  index: Number.MAX_SAFE_INTEGER,
});

const AT_DIGITS = 16;
const SEQ_DIGITS = 20;
const INDEX_DIGITS = 20;
const POSITION = /^\d{56}$/;

export function compare(a: Position, b: Position): number {
  return a.at - b.at || a.seq - b.seq || a.index - b.index;
}

export function toDigits({ at, seq, index }: Position): string {
  return (
    String(at).padStart(AT_DIGITS, "0") +
    String(seq).padStart(SEQ_DIGITS, "0") +
    String(index).padStart(INDEX_DIGITS, "0")
  );
}

/** Nothing for what is no place. */
export function fromDigits(digits: string): Position | undefined {
  if (!POSITION.test(digits)) return undefined;
  const part = (from: number, to?: number) => Math.min(Number(digits.slice(from, to)), Number.MAX_SAFE_INTEGER);
  return { at: part(0, AT_DIGITS), seq: part(AT_DIGITS, AT_DIGITS + SEQ_DIGITS), index: part(AT_DIGITS + SEQ_DIGITS) };
}
