import { toFilter } from "../../logs/filter-pattern.ts";
import { fromDigits, toDigits } from "../../logs/position.ts";
import type { LogEvent } from "../../logs/read-events.ts";
import { placeOf, readPage } from "../../logs/read-page.ts";
import { keptSince } from "../../logs/retention.ts";
import { findLogStreamName, type LogGroupRow } from "../../store/log.ts";
import type { Reader } from "../../store/store.ts";
import { homeOf } from "../../wire/operation.ts";
import { onGroup } from "./access.ts";
import { served } from "./context.ts";
import { invalidNextToken, invalidParameter } from "./errors.ts";
import { groupNameIn, requireNamedGroup, requireStream } from "./find.ts";
import type { FilteredLogEvent, FilterLogEventsInput } from "./shapes.generated.ts";

/**
 * Searches the streams of a group, all in the order of time. A page may be empty and have a next one: so much was
 * looked through.
 *
 * Errors: `ResourceNotFoundException`, `InvalidParameterException`. Source: CloudWatch Logs API reference, FilterLogEvents.
 */
export const filterLogEvents = served({
  name: "FilterLogEvents",
  access: (input, _, call) => onGroup("FilterLogEvents", groupNameIn(input), call),
  async run(input, { store: { read }, lines }, call) {
    requireSense(input);
    const accept = toFilter(input.filterPattern);
    if (accept && "problem" in accept) throw invalidParameter(accept.problem);
    const { startTime = 0, endTime = Number.MAX_SAFE_INTEGER, startFromHead = true, limit } = input;
    await lines.flush();
    const group = await requireNamedGroup(read, homeOf(call), input);
    const nameOf = namesOfStreams(read);
    const query = {
      direction: startFromHead ? "forward" : "backward",
      of: { groupId: group.id },
      beyond: fromToken(input.nextToken),
      since: Math.max(startTime, keptSince(group, call.now)),
      until: endTime,
      ...(await streamsOf(input, read, group, nameOf)),
    } as const;
    const { events, next } = await readPage(read, query, { limit, accept });
    return {
      events: await Promise.all(events.map(async (event) => toOutput(event, await nameOf(event.streamId)))),
      searchedLogStreams: [], // Source: API reference: since 2020 it is always empty.
      ...(next && { nextToken: toDigits(placeOf(next)) }),
    };
  },
});

/** From when on events can be read backward. Source: API reference, FilterLogEvents: 1 January 2024. */
const BACKWARD_SINCE = Date.UTC(2024, 0, 1);

/** Texts: our choice. */
function requireSense({
  logStreamNames,
  logStreamNamePrefix,
  startFromHead,
  startTime = 0,
}: FilterLogEventsInput): void {
  if (logStreamNames && logStreamNamePrefix !== undefined)
    throw invalidParameter("logStreamNames and logStreamNamePrefix cannot both be specified.");
  if (startFromHead === false && startTime < BACKWARD_SINCE)
    throw invalidParameter("startFromHead can be false only when startTime is on or after 2024-01-01T00:00:00Z.");
}

type NameOf = (streamId: number) => Promise<string>;

/** Reads each name once a request. */
function namesOfStreams(read: Reader): NameOf {
  const names = new Map<number, string>();
  return async (id) => {
    const name = names.get(id) ?? (await read.first(findLogStreamName, { id }))?.name ?? "";
    names.set(id, name);
    return name;
  };
}

/** Which streams are searched; nothing for all. */
async function streamsOf(input: FilterLogEventsInput, read: Reader, group: LogGroupRow, nameOf: NameOf) {
  const { logStreamNames, logStreamNamePrefix } = input;
  if (logStreamNames) {
    const found = await Promise.all(logStreamNames.map((name) => requireStream(read, group, name)));
    const [only] = found;
    if (only && found.length === 1) return { of: { streamId: only.id } };
    const ids = new Set(found.map(({ id }) => id));
    return { hasStream: (id: number) => ids.has(id) };
  }
  if (logStreamNamePrefix === undefined) return {};
  return { hasStream: async (id: number) => (await nameOf(id)).startsWith(logStreamNamePrefix) };
}

function toOutput(event: LogEvent, logStreamName: string): FilteredLogEvent {
  const { at, message, ingestedAt } = event;
  return { logStreamName, timestamp: at, message, ingestionTime: ingestedAt, eventId: toDigits(placeOf(event)) };
}

function fromToken(token: string | undefined) {
  if (token === undefined) return undefined;
  const place = fromDigits(token);
  if (!place) throw invalidNextToken();
  return place;
}
