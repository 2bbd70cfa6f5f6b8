import { appendEvents } from "../../logs/append-events.ts";
import { eventBytes, type TimedMessage } from "../../logs/batches.ts";
import { keptSince } from "../../logs/retention.ts";
import { homeOf } from "../../wire/operation.ts";
import { onStream } from "./access.ts";
import { served } from "./context.ts";
import { invalidParameter } from "./errors.ts";
import { requireGroup, requireStream } from "./find.ts";
import { sequenceToken } from "./sequence-token.ts";
import type { InputLogEvent, RejectedLogEventsInfo } from "./shapes.generated.ts";

/*
 * Limits of one request, and how far from now its events may be. Units: bytes, milliseconds.
 * Source: CloudWatch Logs API reference, PutLogEvents.
 */
const REQUEST_BYTES_MAX = 1_048_576;
const SPAN_MS_MAX = 24 * 3_600_000;
const AHEAD_MS_MAX = 2 * 3_600_000;
const AGE_MS_MAX = 14 * 24 * 3_600_000;

/**
 * Adds events to a stream. Events too far from now are left out, and the answer says which.
 *
 * Errors: `ResourceNotFoundException`, `InvalidParameterException`.
 */
export const putLogEvents = served({
  name: "PutLogEvents",
  access: ({ logGroupName, logStreamName }, _, call) => onStream("PutLogEvents", logGroupName, logStreamName, call),
  async run({ logGroupName, logStreamName, logEvents }, { store }, call) {
    requireOrder(logEvents);
    const events = logEvents.map(({ timestamp, message }): TimedMessage => [timestamp, message]);
    requireSize(events);
    return await store.transact(async (tx) => {
      const group = await requireGroup(tx, homeOf(call), logGroupName);
      const stream = await requireStream(tx, group, logStreamName);
      const { accepted, rejected } = sift(events, call.now, keptSince(group, call.now));
      await appendEvents(tx, group, stream, accepted, call.now);
      return {
        nextSequenceToken: sequenceToken(stream.id, call.now),
        ...(rejected && { rejectedLogEventsInfo: rejected }),
      };
    });
  },
});

function requireOrder(events: readonly InputLogEvent[]): void {
  const isUnordered = events.some(({ timestamp }, index) => timestamp < (events[index - 1]?.timestamp ?? 0));
  if (isUnordered)
    throw invalidParameter("Log events in a single PutLogEvents request must be in chronological order.");
  if ((events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0) > SPAN_MS_MAX) {
    throw invalidParameter("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  }
}

function requireSize(events: readonly TimedMessage[]): void {
  let bytes = 0;
  for (const event of events) bytes += eventBytes(event);
  if (bytes > REQUEST_BYTES_MAX)
    throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${REQUEST_BYTES_MAX}`);
}

function sift(events: readonly TimedMessage[], now: number, since: number) {
  const tooOld = countBefore(events, now - AGE_MS_MAX);
  const expired = countBefore(events, since);
  const tooNew = countBefore(events, now + AHEAD_MS_MAX + 1);
  const from = Math.max(tooOld, expired);
  const rejected: RejectedLogEventsInfo = {
    ...(tooNew < events.length && { tooNewLogEventStartIndex: tooNew }),
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > 0 && { expiredLogEventEndIndex: expired }),
  };
  const isWhole = Object.keys(rejected).length === 0;
  return { accepted: events.slice(from, tooNew), rejected: isWhole ? undefined : rejected };
}

/** They are in order, so these are the first so many. */
function countBefore(events: readonly TimedMessage[], at: number): number {
  const index = events.findIndex(([time]) => time >= at);
  return index < 0 ? events.length : index;
}
