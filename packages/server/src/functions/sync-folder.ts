import { open, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Files that are synced at the same time; the disk joins their flushes. */
const SYNCS_AT_ONCE_MAX = 8;

/** Waits until every file and folder below `dir`, and its own name, is on the disk. */
export async function syncFolder(dir: string): Promise<void> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const places = entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  const waiting = [...places, dir, dirname(dir)].values();
  const syncRest = async () => {
    for (const place of waiting) await syncOne(place);
  };
  await Promise.all(Array.from({ length: SYNCS_AT_ONCE_MAX }, syncRest));
}

async function syncOne(place: string): Promise<void> {
  const handle = await open(place, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
