/**
 * How events lie in the store: in batches of one stream, each a row. So a line costs a function a push to an array, and
 * a reader finds what it looks for by the times of the batches.
 */

/** One event: its time in epoch milliseconds, and what it says. */
export type TimedMessage = readonly [at: number, message: string];

/**
 * How far apart the events of one batch may be. A reader that looks for what happened at a time need look only at
 * batches that began this long before.
 *
 * Unit: milliseconds. Source: our choice.
 */
export const BATCH_SPAN_MS = 1_000;

/** How large a batch may grow, unless a single event is larger. Unit: bytes. Source: our choice; what a reader takes at once. */
export const BATCH_BYTES_MAX = 64 * 1024;

/** What each event counts beside its message. Unit: bytes. Source: CloudWatch Logs API reference, PutLogEvents. */
export const EVENT_BYTES = 26;

/** Events that are stored together. */
export interface Batch {
  readonly firstAt: number;
  readonly lastAt: number;
  readonly bytes: number;
  readonly events: readonly TimedMessage[];
}

/** Cuts events of one stream, in the order of their time, into batches. */
export function toBatches(events: readonly TimedMessage[]): readonly Batch[] {
  const batches: Batch[] = [];
  let from = 0;
  let bytes = 0;
  const cut = (to: number) => {
    const [first, last] = [events[from], events[to - 1]];
    if (first && last) batches.push({ firstAt: first[0], lastAt: last[0], bytes, events: events.slice(from, to) });
    from = to;
    bytes = 0;
  };
  for (const [index, event] of events.entries()) {
    const more = eventBytes(event);
    const isFull = bytes + more > BATCH_BYTES_MAX || event[0] - (events[from]?.[0] ?? 0) > BATCH_SPAN_MS;
    if (isFull) cut(index);
    bytes += more;
  }
  cut(events.length);
  return batches;
}

/** What an event counts. Unit: bytes. */
export function eventBytes([, message]: TimedMessage): number {
  return Buffer.byteLength(message) + EVENT_BYTES;
}
