import {
  addStoredBytes,
  findLogGroup,
  findLogStream,
  insertLogBatch,
  insertLogGroup,
  insertLogStream,
  type LogGroupRow,
  type LogStreamRow,
  updateLogStreamTimes,
} from "../store/log.ts";
import type { Tx } from "../store/store.ts";
import { InvariantError } from "../wire/error.ts";
import type { Home } from "../wire/operation.ts";
import { type TimedMessage, toBatches } from "./batches.ts";
import { trimGroup } from "./retention.ts";

/**
 * Adds events to a stream, in the order of their time, and drops the group's oldest when it has too many.
 * Answers how many bytes were dropped.
 */
export async function appendEvents(
  tx: Tx,
  group: LogGroupRow,
  stream: LogStreamRow,
  events: readonly TimedMessage[],
  now: number,
): Promise<number> {
  let added = 0;
  for (const { firstAt, lastAt, bytes, events: batch } of toBatches(events)) {
    await tx.run(insertLogBatch, {
      group_id: group.id,
      stream_id: stream.id,
      first_at: firstAt,
      last_at: lastAt,
      ingested_at: now,
      bytes,
      events: JSON.stringify(batch),
    });
    added += bytes;
  }
  if (added === 0) return 0;
  await tx.run(updateLogStreamTimes, {
    id: stream.id,
    first_event_at: Math.min(stream.first_event_at || Number.MAX_SAFE_INTEGER, events[0]?.[0] ?? 0),
    last_event_at: Math.max(stream.last_event_at, events.at(-1)?.[0] ?? 0),
    last_ingested_at: now,
  });
  await tx.run(addStoredBytes, { id: group.id, bytes: added });
  return await trimGroup(tx, group.id, group.stored_bytes + added);
}

/** A stream with its group, both made when missing: Lambda does not wait for anybody to create them. */
export async function ensureStream(
  tx: Tx,
  place: Home & { readonly group: string; readonly stream: string },
  now: number,
): Promise<{ readonly group: LogGroupRow; readonly stream: LogStreamRow }> {
  const { account, region, group: name } = place;
  let group = await tx.first(findLogGroup, { account, region, name });
  if (!group) {
    const row = { account, region, name, created_at: now, retention_days: null, kms_key_id: null };
    await tx.run(insertLogGroup, { ...row, class: "STANDARD", deletion_protection: 0, tags: "{}" });
    group = await tx.first(findLogGroup, { account, region, name });
  }
  if (!group) throw new InvariantError(`The log group ${name} was made and is not there.`);
  const key = { group_id: group.id, name: place.stream };
  let stream = await tx.first(findLogStream, key);
  if (!stream) {
    await tx.run(insertLogStream, { ...key, created_at: now });
    stream = await tx.first(findLogStream, key);
  }
  if (!stream) throw new InvariantError(`The log stream ${place.stream} was made and is not there.`);
  return { group, stream };
}
