import {
  type LogGroupRow,
  type LogStreamRow,
  listLogStreams,
  listLogStreamsBackward,
  listLogStreamsByTime,
  listLogStreamsByTimeBackward,
} from "../../store/log.ts";
import type { Reader } from "../../store/store.ts";
import { homeOf } from "../../wire/operation.ts";
import { onGroup, streamArn } from "./access.ts";
import { served } from "./context.ts";
import { invalidParameter } from "./errors.ts";
import { groupNameIn, requireNamedGroup } from "./find.ts";
import { DESCRIBED_COUNT_DEFAULT, fromToken, toPage, toToken } from "./page.ts";
import { sequenceToken } from "./sequence-token.ts";
import type { DescribeLogStreamsInput, LogStream } from "./shapes.generated.ts";

/**
 * Lists the streams of a group, by name or by the time of their last event.
 *
 * Errors: `ResourceNotFoundException`, `InvalidParameterException`. Source: CloudWatch Logs API reference, DescribeLogStreams.
 */
export const describeLogStreams = served({
  name: "DescribeLogStreams",
  access: (input, _, call) => onGroup("DescribeLogStreams", groupNameIn(input), call),
  async run(input, logs, call) {
    const { orderBy = "LogStreamName", descending = false, limit = DESCRIBED_COUNT_DEFAULT } = input;
    if (orderBy === "LastEventTime" && input.logStreamNamePrefix !== undefined) {
      throw invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
    }
    await logs.lines.flush();
    const group = await requireNamedGroup(logs.store.read, homeOf(call), input);
    const kind = `${orderBy}/${descending}`;
    const list = orderBy === "LastEventTime" ? byTime : byName;
    const { rows, keyOf } = await list(logs.store.read, { input, group, kind, descending, limit: limit + 1 });
    const { page, next } = toPage(rows, limit, (last) => toToken(kind, keyOf(last)));
    return { logStreams: page.map((row) => toLogStream(group, row)), ...next };
  },
});

interface Listing {
  readonly input: DescribeLogStreamsInput;
  readonly group: LogGroupRow;
  readonly kind: string;
  readonly descending: boolean;
  readonly limit: number;
}

/** Comes after every name that begins with what it is put behind. */
const AFTER_ALL = "\u{10ffff}";

async function byName(read: Reader, { input, group, kind, descending, limit }: Listing) {
  const from = input.logStreamNamePrefix ?? "";
  const beyond = from + AFTER_ALL;
  const keyOf = ({ name }: LogStreamRow) => [name] as const;
  const common = { group_id: group.id, from, limit };
  if (descending) {
    const [before] = fromToken(kind, input.nextToken, [beyond] as const);
    return { keyOf, rows: await read.all(listLogStreamsBackward, { ...common, before }) };
  }
  const [after] = fromToken(kind, input.nextToken, [""] as const);
  return { keyOf, rows: await read.all(listLogStreams, { ...common, after, before: beyond }) };
}

async function byTime(read: Reader, { input, group, kind, descending, limit }: Listing) {
  const keyOf = ({ last_event_at, id }: LogStreamRow) => [last_event_at, id] as const;
  const common = { group_id: group.id, limit };
  if (descending) {
    const { MAX_SAFE_INTEGER } = Number;
    const [at, before] = fromToken(kind, input.nextToken, [MAX_SAFE_INTEGER, MAX_SAFE_INTEGER] as const);
    return { keyOf, rows: await read.all(listLogStreamsByTimeBackward, { ...common, at, before }) };
  }
  const [at, after] = fromToken(kind, input.nextToken, [0, 0] as const);
  return { keyOf, rows: await read.all(listLogStreamsByTime, { ...common, at, after }) };
}

function toLogStream(group: LogGroupRow, row: LogStreamRow): LogStream {
  const { first_event_at, last_event_at, last_ingested_at } = row;
  const times = {
    firstEventTimestamp: first_event_at,
    lastEventTimestamp: last_event_at,
    lastIngestionTime: last_ingested_at,
    uploadSequenceToken: sequenceToken(row.id, last_ingested_at),
  };
  return {
    logStreamName: row.name,
    creationTime: row.created_at,
    ...(last_event_at > 0 && times),
    arn: streamArn(group, group.name, row.name),
    storedBytes: 0, // Source: API reference, LogStream: always 0 since 2019.
  };
}
