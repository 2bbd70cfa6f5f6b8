import { firstAt, fromDigits, type Position, toDigits } from "../../logs/position.ts";
import type { LogEvent } from "../../logs/read-events.ts";
import { placeOf, readPage } from "../../logs/read-page.ts";
import { keptSince } from "../../logs/retention.ts";
import { homeOf } from "../../wire/operation.ts";
import { onStream } from "./access.ts";
import { served } from "./context.ts";
import { invalidNextToken } from "./errors.ts";
import { groupNameIn, requireNamedGroup, requireStream } from "./find.ts";
import type { OutputLogEvent } from "./shapes.generated.ts";

/**
 * Shows a stream, page by page in both directions. A token leads on from the last event, or back from the first; it is
 * the same again as long as there is nothing in its direction.
 *
 * Errors: `ResourceNotFoundException`, `InvalidParameterException`. Source: CloudWatch Logs API reference, GetLogEvents.
 */
export const getLogEvents = served({
  name: "GetLogEvents",
  access: (input, _, call) => onStream("GetLogEvents", groupNameIn(input), input.logStreamName, call),
  async run(input, { store, lines }, call) {
    const { startTime = 0, endTime = Number.MAX_SAFE_INTEGER, limit, startFromHead = false } = input;
    const token = fromEventToken(input.nextToken);
    await lines.flush();
    const group = await requireNamedGroup(store.read, homeOf(call), input);
    const stream = await requireStream(store.read, group, input.logStreamName);
    const since = Math.max(startTime, keptSince(group, call.now));
    const direction = token?.direction ?? (startFromHead ? "forward" : "backward");
    const query = { direction, of: { streamId: stream.id }, beyond: token?.place, since, until: endTime - 1 } as const;
    const { events: found, next } = await readPage(store.read, query, { limit });
    const events = direction === "forward" ? found : found.toReversed();
    const here = token?.place ?? firstAt(since);
    const last = direction === "forward" ? (next ?? events.at(-1)) : events.at(-1);
    const first = direction === "backward" ? (next ?? events[0]) : events[0];
    return {
      events: events.map(toOutput),
      nextForwardToken: toEventToken("f", last ?? (direction === "forward" ? here : beside(here, -1))),
      nextBackwardToken: toEventToken("b", first ?? (direction === "backward" ? here : beside(here, 1))),
    };
  },
});

/** A place from which the event at `place` itself is found, by whoever turns round at the end of a stream. */
function beside({ at, seq, index }: Position, step: 1 | -1): Position {
  return { at, seq, index: Math.max(0, index + step) };
}

function toOutput({ at, message, ingestedAt }: LogEvent): OutputLogEvent {
  return { timestamp: at, message, ingestionTime: ingestedAt };
}

const TOKEN = /^([fb])\/(\d+)\/s$/;

/** Such as `f/3113…4505/s`. Source: API reference, in the examples. */
function toEventToken(direction: "f" | "b", place: Position): string {
  return `${direction}/${toDigits(placeOf(place))}/s`;
}

function fromEventToken(token: string | undefined) {
  if (token === undefined) return undefined;
  const [, direction, digits = ""] = TOKEN.exec(token) ?? [];
  const place = fromDigits(digits);
  if (!place) throw invalidNextToken();
  return { direction: direction === "f" ? "forward" : "backward", place } as const;
}
