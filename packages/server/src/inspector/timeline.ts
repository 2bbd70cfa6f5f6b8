import type { Reader } from "../store/store.ts";
import { listStoryOfExecution } from "../store/story.ts";
import type { StoryEntry } from "../story.ts";

/** What a timeline is of: a whole execution, or one action with all its jobs. */
export interface TimelineOf {
  readonly executionId: string;
  readonly actionExecutionId?: string;
}

export interface TimelinePage {
  readonly entries: readonly StoryEntry[];
  /** Where the next page begins; null after the last. */
  readonly next: string | null;
}

/** Entries on one page unless asked otherwise, and at most. */
export const TIMELINE_ENTRIES_DEFAULT = 1_000;
export const TIMELINE_ENTRIES_MAX = 10_000;

const ROWS_AT_ONCE = 100;
const CURSOR = /^(\d{1,15})-(\d{1,9})$/;

/**
 * Answers a page of entries in the order of their times, as far as the page goes: what was told at nearly the same time
 * is stored job by job, so at the edge of a page entries of two jobs may be a moment out of order. Undefined for a
 * cursor that is none of ours.
 */
export async function readTimeline(
  of: TimelineOf,
  { after = "0-0", limit }: { readonly after?: string | undefined; readonly limit: number },
  read: Reader,
): Promise<TimelinePage | undefined> {
  const cursor = CURSOR.exec(after);
  if (!cursor) return undefined;
  let [seq, skip] = [Number(cursor[1]), Number(cursor[2])];
  const entries: StoryEntry[] = [];
  for (;;) {
    // A cursor names a row and how many of its entries were shown; that row is read again.
    const rows = await readRows(of, seq - 1, read);
    for (const row of rows) {
      const all = JSON.parse(row.entries) as StoryEntry[]; // the teller wrote them
      const from = row.seq === seq ? skip : 0;
      for (const [index, entry] of all.entries()) {
        if (index < from || !isOf(entry, of)) continue;
        if (entries.length === limit) return { entries: inTime(entries), next: `${row.seq}-${index}` };
        entries.push(entry);
      }
    }
    const last = rows.at(-1);
    if (!last || rows.length < ROWS_AT_ONCE) return { entries: inTime(entries), next: null };
    [seq, skip] = [last.seq + 1, 0];
  }
}

const inTime = (entries: readonly StoryEntry[]) => entries.toSorted((a, b) => a.at - b.at);

function readRows({ executionId }: TimelineOf, after: number, read: Reader) {
  return read.all(listStoryOfExecution, { execution_id: executionId, after, limit: ROWS_AT_ONCE });
}

function isOf(entry: StoryEntry, { actionExecutionId }: TimelineOf): boolean {
  return actionExecutionId === undefined || entry.actionExecutionId === actionExecutionId;
}
