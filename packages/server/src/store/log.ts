import { type Generated, sql } from "kysely";
import type { Home } from "../wire/operation.ts";
import { db, statement } from "./statement.ts";

/** A group of CloudWatch Logs. */
export interface LogGroupTable {
  id: Generated<number>;
  account: string;
  region: string;
  name: string;
  /** Epoch milliseconds. */
  created_at: number;
  /** Nothing: its events do not expire. */
  retention_days: number | null;
  kms_key_id: string | null;
  class: string;
  /** 0 or 1. */
  deletion_protection: number;
  /** A JSON object. */
  tags: string;
  /** What its events count, see `LogEventTable.bytes`. */
  stored_bytes: number;
}

/** A stream of a group: what one process, or one writer from outside, has said. */
export interface LogStreamTable {
  id: Generated<number>;
  group_id: number;
  name: string;
  /** Epoch milliseconds, as all times here. */
  created_at: number;
  /** 0 as long as there is no event; so are the next two. */
  first_event_at: number;
  last_event_at: number;
  last_ingested_at: number;
}

/**
 * Events of one stream that came together: at most `BATCH_BYTES_MAX` of them, not further apart than `BATCH_SPAN_MS`.
 * An event's place in its group's order is its time, then `seq`, then its place in the batch.
 */
export interface LogEventTable {
  seq: Generated<number>;
  group_id: number;
  stream_id: number;
  /** Times of the first and the last event, epoch milliseconds. */
  first_at: number;
  last_at: number;
  ingested_at: number;
  /** The messages' bytes in UTF-8 and 26 for each. Source: CloudWatch Logs API reference, PutLogEvents. */
  bytes: number;
  /** `[[time, message], …]` as JSON, in the order of time. */
  events: string;
}

export type LogGroupRow = Omit<LogGroupTable, "id"> & { id: number };
export type LogStreamRow = Omit<LogStreamTable, "id"> & { id: number };
export type LogBatchRow = Omit<LogEventTable, "seq"> & { seq: number };

export const logSchema: readonly string[] = [
  `create table log_group (id integer primary key, account text not null, region text not null, name text not null,
    created_at integer not null, retention_days integer, kms_key_id text, class text not null, deletion_protection integer not null, tags text not null,
    stored_bytes integer not null) strict`,
  "create unique index log_group_by_name on log_group (account, region, name)",
  `create table log_stream (id integer primary key, group_id integer not null, name text not null, created_at integer not null,
    first_event_at integer not null, last_event_at integer not null, last_ingested_at integer not null) strict`,
  "create unique index log_stream_by_name on log_stream (group_id, name)",
  "create index log_stream_by_time on log_stream (group_id, last_event_at)",
  `create table log_event (seq integer primary key, group_id integer not null, stream_id integer not null,
    first_at integer not null, last_at integer not null, ingested_at integer not null, bytes integer not null,
    events text not null) strict`,
  "create index log_event_by_group on log_event (group_id, first_at)",
  "create index log_event_by_stream on log_event (stream_id, first_at)",
];

/** Makes a group, unless it is there. */
export const insertLogGroup = statement<Omit<LogGroupTable, "id" | "stored_bytes">>((p) =>
  db
    .insertInto("log_group")
    .values({
      account: p.account,
      region: p.region,
      name: p.name,
      created_at: p.created_at,
      retention_days: p.retention_days,
      kms_key_id: p.kms_key_id,
      class: p.class,
      deletion_protection: p.deletion_protection,
      tags: p.tags,
      stored_bytes: 0,
    })
    .onConflict((conflict) => conflict.columns(["account", "region", "name"]).doNothing()),
);

export const findLogGroup = statement<Home & { name: string }, LogGroupRow>((p) =>
  db
    .selectFrom("log_group")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", "=", p.name),
);

/** Groups of an account and region after a name, by name. */
export const listLogGroups = statement<Home & { after: string; limit: number }, LogGroupRow>((p) =>
  db
    .selectFrom("log_group")
    .selectAll()
    .where("account", "=", p.account)
    .where("region", "=", p.region)
    .where("name", ">", p.after)
    .orderBy("name")
    .limit(p.limit),
);

/** Groups whose events expire. */
export const listExpiringLogGroups = statement<object, LogGroupRow>(() =>
  db.selectFrom("log_group").selectAll().where("retention_days", "is not", null),
);

export const setLogRetention = statement<{ id: number; retention_days: number | null }>((p) =>
  db.updateTable("log_group").set({ retention_days: p.retention_days }).where("id", "=", p.id),
);

export const setLogTags = statement<{ id: number; tags: string }>((p) =>
  db.updateTable("log_group").set({ tags: p.tags }).where("id", "=", p.id),
);

/** `bytes` may be negative. */
export const addStoredBytes = statement<{ id: number; bytes: number }>((p) =>
  db
    .updateTable("log_group")
    .set({ stored_bytes: sql<number>`stored_bytes + ${p.bytes}` })
    .where("id", "=", p.id),
);

export const deleteLogGroup = statement<{ id: number }>((p) => db.deleteFrom("log_group").where("id", "=", p.id));

export const deleteLogStreamsOfGroup = statement<{ group_id: number }>((p) =>
  db.deleteFrom("log_stream").where("group_id", "=", p.group_id),
);

export const deleteLogEventsOfGroup = statement<{ group_id: number }>((p) =>
  db.deleteFrom("log_event").where("group_id", "=", p.group_id),
);

/** Makes a stream, unless it is there. */
export const insertLogStream = statement<{ group_id: number; name: string; created_at: number }>((p) =>
  db
    .insertInto("log_stream")
    .values({
      group_id: p.group_id,
      name: p.name,
      created_at: p.created_at,
      first_event_at: 0,
      last_event_at: 0,
      last_ingested_at: 0,
    })
    .onConflict((conflict) => conflict.columns(["group_id", "name"]).doNothing()),
);

export const findLogStream = statement<{ group_id: number; name: string }, LogStreamRow>((p) =>
  db.selectFrom("log_stream").selectAll().where("group_id", "=", p.group_id).where("name", "=", p.name),
);

export const findLogStreamName = statement<{ id: number }, { name: string }>((p) =>
  db.selectFrom("log_stream").select("name").where("id", "=", p.id),
);

/** Streams whose names are after one and before another, by name. */
export const listLogStreams = statement<
  { group_id: number; from: string; after: string; before: string; limit: number },
  LogStreamRow
>((p) =>
  db
    .selectFrom("log_stream")
    .selectAll()
    .where("group_id", "=", p.group_id)
    .where("name", ">=", p.from)
    .where("name", ">", p.after)
    .where("name", "<", p.before)
    .orderBy("name")
    .limit(p.limit),
);

/** As `listLogStreams`, from the last name to the first. */
export const listLogStreamsBackward = statement<
  { group_id: number; from: string; before: string; limit: number },
  LogStreamRow
>((p) =>
  db
    .selectFrom("log_stream")
    .selectAll()
    .where("group_id", "=", p.group_id)
    .where("name", ">=", p.from)
    .where("name", "<", p.before)
    .orderBy("name", "desc")
    .limit(p.limit),
);

/** Streams after one, by the time of their last event, then in the order in which they were made. */
export const listLogStreamsByTime = statement<
  { group_id: number; at: number; after: number; limit: number },
  LogStreamRow
>((p) =>
  db
    .selectFrom("log_stream")
    .selectAll()
    .where("group_id", "=", p.group_id)
    .where("last_event_at", ">=", p.at)
    .where((by) => by.or([by("last_event_at", ">", p.at), by("id", ">", p.after)]))
    .orderBy("last_event_at")
    .orderBy("id")
    .limit(p.limit),
);

/** As `listLogStreamsByTime`, the latest first. */
export const listLogStreamsByTimeBackward = statement<
  { group_id: number; at: number; before: number; limit: number },
  LogStreamRow
>((p) =>
  db
    .selectFrom("log_stream")
    .selectAll()
    .where("group_id", "=", p.group_id)
    .where("last_event_at", "<=", p.at)
    .where((by) => by.or([by("last_event_at", "<", p.at), by("id", "<", p.before)]))
    .orderBy("last_event_at", "desc")
    .orderBy("id", "desc")
    .limit(p.limit),
);

export const updateLogStreamTimes = statement<
  Pick<LogStreamRow, "id" | "first_event_at" | "last_event_at" | "last_ingested_at">
>((p) =>
  db
    .updateTable("log_stream")
    .set({
      first_event_at: p.first_event_at,
      last_event_at: p.last_event_at,
      last_ingested_at: p.last_ingested_at,
    })
    .where("id", "=", p.id),
);

export const deleteLogStream = statement<{ id: number }>((p) => db.deleteFrom("log_stream").where("id", "=", p.id));

/** Forgets streams that had events once, all of them before a time. */
export const deleteLogStreamsBefore = statement<{ group_id: number; before: number }>((p) =>
  db
    .deleteFrom("log_stream")
    .where("group_id", "=", p.group_id)
    .where("last_event_at", ">", 0)
    .where("last_event_at", "<", p.before),
);

export const insertLogBatch = statement<Omit<LogEventTable, "seq">>((p) =>
  db.insertInto("log_event").values({
    group_id: p.group_id,
    stream_id: p.stream_id,
    first_at: p.first_at,
    last_at: p.last_at,
    ingested_at: p.ingested_at,
    bytes: p.bytes,
    events: p.events,
  }),
);

/** Which batches to read: those of a group or a stream (`id`), beginning after `(at, seq)` and not after `until`. */
interface BatchesForward {
  id: number;
  at: number;
  seq: number;
  until: number;
  limit: number;
}

/** As `BatchesForward`: those beginning before `(at, seq)` and not before `since`, the last first. */
interface BatchesBackward {
  id: number;
  at: number;
  seq: number;
  since: number;
  limit: number;
}

type Owner = "group_id" | "stream_id";

const forward = (of: Owner, p: BatchesForward) =>
  db
    .selectFrom("log_event")
    .selectAll()
    .where(of, "=", p.id)
    .where("first_at", ">=", p.at)
    .where("first_at", "<=", p.until)
    .where((by) => by.or([by("first_at", ">", p.at), by("seq", ">", p.seq)]))
    .orderBy("first_at")
    .orderBy("seq")
    .limit(p.limit);

const backward = (of: Owner, p: BatchesBackward) =>
  db
    .selectFrom("log_event")
    .selectAll()
    .where(of, "=", p.id)
    .where("first_at", "<=", p.at)
    .where("first_at", ">=", p.since)
    .where((by) => by.or([by("first_at", "<", p.at), by("seq", "<", p.seq)]))
    .orderBy("first_at", "desc")
    .orderBy("seq", "desc")
    .limit(p.limit);

export const groupForward = statement<BatchesForward, LogBatchRow>((p) => forward("group_id", p));
export const groupBackward = statement<BatchesBackward, LogBatchRow>((p) => backward("group_id", p));
export const streamForward = statement<BatchesForward, LogBatchRow>((p) => forward("stream_id", p));
export const streamBackward = statement<BatchesBackward, LogBatchRow>((p) => backward("stream_id", p));

export const listBatchesOfGroup = { forward: groupForward, backward: groupBackward };
export const listBatchesOfStream = { forward: streamForward, backward: streamBackward };

/** The oldest batches of a group, without what is in them. */
export const listOldestBatches = statement<
  { group_id: number; limit: number },
  Pick<LogBatchRow, "seq" | "first_at" | "bytes">
>((p) =>
  db
    .selectFrom("log_event")
    .select(["seq", "first_at", "bytes"])
    .where("group_id", "=", p.group_id)
    .orderBy("first_at")
    .orderBy("seq")
    .limit(p.limit),
);

/** Forgets a group's batches up to one that `listOldestBatches` gave. */
export const deleteBatchesUpTo = statement<{ group_id: number; at: number; seq: number }>((p) =>
  db
    .deleteFrom("log_event")
    .where("group_id", "=", p.group_id)
    .where("first_at", "<=", p.at)
    .where((by) => by.or([by("first_at", "<", p.at), by("seq", "<=", p.seq)])),
);

/** What a group's batches count that end before a time. */
export const bytesBefore = statement<{ group_id: number; before: number }, { bytes: number | null }>((p) =>
  db
    .selectFrom("log_event")
    .select((by) => by.fn.sum<number>("bytes").as("bytes"))
    .where("group_id", "=", p.group_id)
    .where("first_at", "<", p.before)
    .where("last_at", "<", p.before),
);

export const deleteBatchesBefore = statement<{ group_id: number; before: number }>((p) =>
  db
    .deleteFrom("log_event")
    .where("group_id", "=", p.group_id)
    .where("first_at", "<", p.before)
    .where("last_at", "<", p.before),
);

export const bytesOfStream = statement<{ stream_id: number }, { bytes: number | null }>((p) =>
  db
    .selectFrom("log_event")
    .select((by) => by.fn.sum<number>("bytes").as("bytes"))
    .where("stream_id", "=", p.stream_id),
);

export const deleteBatchesOfStream = statement<{ stream_id: number }>((p) =>
  db.deleteFrom("log_event").where("stream_id", "=", p.stream_id),
);
