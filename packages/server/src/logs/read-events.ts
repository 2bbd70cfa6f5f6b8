import { type LogBatchRow, listBatchesOfGroup, listBatchesOfStream } from "../store/log.ts";
import type { Reader } from "../store/store.ts";
import { BATCH_SPAN_MS, type TimedMessage } from "./batches.ts";
import { compare, firstAt, lastAt, type Position } from "./position.ts";

/*
 * Reads events in the order of their time, or against it, though the batches they lie in overlap.
 *
 * Batches come by the time at which they begin. After each helping it is known what those that were not read yet can
 * hold at the earliest (or, backward, at the latest, because a batch spans at most `BATCH_SPAN_MS`): the horizon. What
 * lies on this side of it is handed over in order; the rest waits for the next helping.
 */

export interface LogEvent extends Position {
  readonly streamId: number;
  readonly message: string;
  /** Epoch milliseconds. */
  readonly ingestedAt: number;
}

export interface EventQuery {
  readonly direction: "forward" | "backward";
  /** All streams of a group, or one. */
  readonly of: { readonly groupId: number } | { readonly streamId: number };
  /** Only what lies beyond this place, in the direction of reading. */
  readonly beyond?: Position | undefined;
  /** Inclusive, epoch milliseconds. */
  readonly since: number;
  /** Inclusive, epoch milliseconds. */
  readonly until: number;
  /** Batches of other streams are passed over unread. */
  hasStream?(streamId: number): boolean | Promise<boolean>;
}

/** What one step of reading has found. */
export interface Helping {
  /** In order. */
  readonly events: readonly LogEvent[];
  /** Everything up to this place has been read, and nothing beyond it. */
  readonly reached: Position;
  readonly bytes: number;
}

/** How many batches are read at a time: at most two megabytes, unless single events are larger than a batch. */
const HELPING_BATCHES_COUNT = 32;

/** Reads helping by helping, until there is no more. Whoever has enough stops iterating. */
export async function* readEvents(read: Reader, query: EventQuery): AsyncGenerator<Helping> {
  const order = query.direction === "forward" ? compare : (a: Position, b: Position) => compare(b, a);
  let waiting: LogEvent[] = [];
  let cursor = beginning(query);
  for (let isLast = false; !isLast; ) {
    const batches = await readBatches(read, query, cursor);
    const last = batches.at(-1);
    if (last) cursor = { at: last.first_at, seq: last.seq };
    isLast = batches.length < HELPING_BATCHES_COUNT;
    const horizon = isLast ? endOf(query) : horizonAt(query, cursor.at);
    let bytes = 0;
    for (const batch of batches) {
      bytes += batch.bytes;
      if (!(await (query.hasStream?.(batch.stream_id) ?? true))) continue;
      for (const event of eventsOf(batch)) if (isWanted(event, query, order)) waiting.push(event);
    }
    waiting.sort(order);
    const ready = waiting.findIndex((event) => order(event, horizon) > 0);
    const events = ready < 0 ? waiting : waiting.slice(0, ready);
    waiting = ready < 0 ? [] : waiting.slice(ready);
    yield { events, reached: horizon, bytes };
  }
}

interface Cursor {
  readonly at: number;
  readonly seq: number;
}

function beginning({ direction, beyond, since, until }: EventQuery): Cursor {
  if (direction === "backward") return { at: Math.min(until, beyond?.at ?? until), seq: Number.MAX_SAFE_INTEGER };
  return { at: Math.max(since, beyond?.at ?? since) - BATCH_SPAN_MS, seq: 0 };
}

function readBatches(read: Reader, { direction, of, since, until }: EventQuery, { at, seq }: Cursor) {
  const [statements, id] = "groupId" in of ? [listBatchesOfGroup, of.groupId] : [listBatchesOfStream, of.streamId];
  const limit = HELPING_BATCHES_COUNT;
  return direction === "forward"
    ? read.all(statements.forward, { id, at, seq, until, limit })
    : read.all(statements.backward, { id, at, seq, since: since - BATCH_SPAN_MS, limit });
}

/** Batches not read yet begin at the cursor or beyond it. */
function horizonAt({ direction }: EventQuery, at: number): Position {
  return direction === "forward" ? firstAt(at) : lastAt(at + BATCH_SPAN_MS);
}

const endOf = ({ direction, since, until }: EventQuery) => (direction === "forward" ? lastAt(until) : firstAt(since));

function eventsOf({ seq, stream_id: streamId, ingested_at: ingestedAt, events }: LogBatchRow): readonly LogEvent[] {
  const batch = JSON.parse(events) as readonly TimedMessage[]; // we wrote it
  return batch.map(([at, message], index) => ({ at, seq, index: index + 1, streamId, message, ingestedAt }));
}

function isWanted(event: LogEvent, { since, until, beyond }: EventQuery, order: typeof compare): boolean {
  return event.at >= since && event.at <= until && (beyond === undefined || order(event, beyond) > 0);
}
