import type { Reader } from "../store/store.ts";
import type { MessageFilter } from "./filter-pattern.ts";
import { compare, type Position } from "./position.ts";
import { type EventQuery, type LogEvent, readEvents } from "./read-events.ts";

/** How much one page holds at most. Unit: bytes of messages. Source: CloudWatch Logs API reference, FilterLogEvents. */
export const PAGE_BYTES_MAX = 1024 * 1024;

/** Most events of one page, and how many it has when nobody says. Source: as above. */
export const PAGE_EVENTS_COUNT_MAX = 10_000;

/** How much is looked through for one page of what is searched for; it then may be empty. Unit: bytes. Source: our choice. */
const SCANNED_BYTES_MAX = 8 * 1024 * 1024;

export interface EventPage {
  /** In the order of reading. */
  readonly events: readonly LogEvent[];
  /** Where the next page goes on; absent when there is none. */
  readonly next?: Position;
}

/** Reads a page of events, or of those whose message is accepted. */
export async function readPage(
  read: Reader,
  query: EventQuery,
  { limit = PAGE_EVENTS_COUNT_MAX, accept }: { limit?: number | undefined; accept?: MessageFilter | undefined },
): Promise<EventPage> {
  const events: LogEvent[] = [];
  let bytes = 0;
  let scanned = 0;
  for await (const helping of readEvents(read, query)) {
    for (const event of helping.events) {
      if (accept && !accept(event.message)) continue;
      bytes += Buffer.byteLength(event.message);
      const last = events.at(-1);
      if (last && (events.length >= limit || bytes > PAGE_BYTES_MAX)) return { events, next: placeOf(last) };
      events.push(event);
    }
    scanned += helping.bytes;
    if (accept && scanned > SCANNED_BYTES_MAX && goesOn(query, helping.reached))
      return { events, next: helping.reached };
  }
  return { events };
}

export const placeOf = ({ at, seq, index }: Position): Position => ({ at, seq, index });

/** Whether a page that ends here leads on from where it began. */
function goesOn({ beyond, direction }: EventQuery, reached: Position): boolean {
  if (!beyond) return true;
  return direction === "forward" ? compare(reached, beyond) > 0 : compare(reached, beyond) < 0;
}
