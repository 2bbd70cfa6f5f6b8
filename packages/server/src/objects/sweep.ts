import { objectOfFile, partOfFile } from "../store/object.ts";
import type { ObjectsContext } from "./context.ts";
import { UNFINISHED } from "./files.ts";

/** So many files one start looks at; what is left is another start's, which begins elsewhere. */
const SWEPT_FILES_COUNT_MAX = 200_000;
/** After so many the event loop has its turn. */
const FILES_A_TURN_COUNT = 32;

/**
 * Removes the files that no row names: what a crash left between file and row, or between row and removal.
 * Runs beside the work and stops when told. Answers how many it removed.
 */
export async function sweep(context: ObjectsContext, stop: AbortSignal): Promise<number> {
  const shelves = await context.files.shelves();
  const first = Math.floor(Math.random() * shelves.length);
  let looked = 0;
  let removed = 0;
  for (const shelf of [...shelves.slice(first), ...shelves.slice(0, first)]) {
    for (const entry of await context.files.list(shelf)) {
      if (stop.aborted || looked === SWEPT_FILES_COUNT_MAX) return removed;
      if (await isOrphan(context, entry)) {
        await context.files.removeListed(shelf, entry);
        removed += 1;
      }
      looked += 1;
      if (looked % FILES_A_TURN_COUNT === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return removed;
}

async function isOrphan({ store, files }: ObjectsContext, entry: string): Promise<boolean> {
  const name = entry.endsWith(UNFINISHED) ? entry.slice(0, -UNFINISHED.length) : entry;
  // In use first: a file leaves that state only when its row can be read.
  if (files.inUse(name)) return false;
  if (entry !== name) return true;
  if (await store.read.first(objectOfFile, { file: name })) return false;
  return (await store.read.first(partOfFile, { file: name })) === undefined;
}
