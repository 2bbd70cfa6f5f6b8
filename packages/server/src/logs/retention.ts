import {
  addStoredBytes,
  bytesBefore,
  deleteBatchesBefore,
  deleteBatchesUpTo,
  deleteLogStreamsBefore,
  type LogBatchRow,
  type LogGroupRow,
  listExpiringLogGroups,
  listOldestBatches,
} from "../store/log.ts";
import type { Tx } from "../store/store.ts";

/**
 * How much a group keeps; the oldest events go first.
 *
 * Unit: bytes, counted as the service counts them. Source: our choice; the service keeps all, and bills it.
 */
export const GROUP_BYTES_MAX = 64 * 1024 * 1024;

/** How much is left once events had to go, so that they do not go one by one. Unit: bytes. Source: our choice. */
const GROUP_BYTES_LEFT = GROUP_BYTES_MAX * 0.9;

/** How many batches are looked at in one step of dropping. */
const STEP_BATCHES_COUNT = 500;

const DAY_MS = 86_400_000;

/** Drops a group's oldest events when it has more than it keeps. Answers how many bytes went. */
export async function trimGroup(tx: Tx, groupId: number, storedBytes: number): Promise<number> {
  if (storedBytes <= GROUP_BYTES_MAX) return 0;
  let excess = storedBytes - GROUP_BYTES_LEFT;
  let dropped = 0;
  while (excess > 0) {
    const oldest = await tx.all(listOldestBatches, { group_id: groupId, limit: STEP_BATCHES_COUNT });
    const gone = upTo(oldest, excess);
    if (!gone) break;
    await tx.run(deleteBatchesUpTo, { group_id: groupId, at: gone.last.first_at, seq: gone.last.seq });
    dropped += gone.bytes;
    excess -= gone.bytes;
  }
  await tx.run(addStoredBytes, { id: groupId, bytes: -dropped });
  const [first] = await tx.all(listOldestBatches, { group_id: groupId, limit: 1 });
  if (first) await tx.run(deleteLogStreamsBefore, { group_id: groupId, before: first.first_at });
  return dropped;
}

type Sized = Pick<LogBatchRow, "seq" | "first_at" | "bytes">;

/** As many of the oldest as make up so many bytes. */
function upTo(oldest: readonly Sized[], excess: number): { readonly last: Sized; readonly bytes: number } | undefined {
  let bytes = 0;
  let last: Sized | undefined;
  for (const batch of oldest) {
    if (bytes >= excess) break;
    bytes += batch.bytes;
    last = batch;
  }
  return last && { last, bytes };
}

/** The time from which on a group's events are shown. Epoch milliseconds. */
export function keptSince({ retention_days }: Pick<LogGroupRow, "retention_days">, now: number): number {
  return retention_days === null ? 0 : Math.max(0, now - retention_days * DAY_MS);
}

/** Drops the events that have expired, of all groups. */
export async function sweepExpired(tx: Tx, now: number): Promise<void> {
  for (const group of await tx.all(listExpiringLogGroups, {})) {
    const expired = { group_id: group.id, before: keptSince(group, now) };
    const found = await tx.first(bytesBefore, expired);
    if (!found?.bytes) continue;
    await tx.run(deleteBatchesBefore, expired);
    await tx.run(addStoredBytes, { id: group.id, bytes: -found.bytes });
  }
}
