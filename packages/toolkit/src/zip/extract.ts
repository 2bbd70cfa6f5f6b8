/*
 * Unpacks a zip in one pass over its bytes, all or nothing.
 *
 * The directory was checked before (read-directory.ts). The entries are written in the order in which they lie in the
 * zip, into a new folder beside the target; at the end that folder is renamed, on any fault it is removed. So neither
 * the zip nor any large file is ever held, in memory or on disk.
 */

import fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setImmediate as othersTurn } from "node:timers/promises";
import { SLICE_MS_MAX } from "../limits.ts";
import { entryBytes } from "./entry-bytes.ts";
import type { ZipEntry } from "./read-directory.ts";
import { readInOrder, type ZipSource } from "./zip-source.ts";

/** A new folder for temporary files. */
export const temporaryFolder = () => fs.mkdtempSync(join(tmpdir(), "penstock-input-"));

/** Removes a folder with all that is in it, if it is there. */
export const removeFolder = (dir: string) => fs.rmSync(dir, { recursive: true, force: true });

/**
 * Unpacks `entries`, all or some of a zip, into `targetDir`, which must not exist or be empty.
 *
 * Executable bits are kept, other modes become 0644 and 0755; times are not kept.
 * Errors: `InvalidZip`, errors of the disk, those of the source as they are; then nothing is left behind.
 */
export async function extractEntries(zip: ZipSource, entries: readonly ZipEntry[], targetDir: string): Promise<void> {
  const target = resolve(targetDir);
  fs.mkdirSync(dirname(target), { recursive: true });
  const stagingDir = fs.mkdtempSync(`${target}.unpacking-`);
  try {
    await writeEntries(zip, entries, stagingDir);
    fs.chmodSync(stagingDir, 0o755);
    fs.renameSync(stagingDir, target);
  } catch (error) {
    removeFolder(stagingDir);
    throw error;
  }
}

async function writeEntries(zip: ZipSource, entries: readonly ZipEntry[], dir: string): Promise<void> {
  const readUntil = readInOrder(zip.stream(0, entries.at(-1)?.end ?? 0), 0);
  let made = dir;
  let sliceStart = Date.now();
  for (const entry of entries) {
    const place = join(dir, entry.path);
    const folder = entry.type === "file" ? dirname(place) : place;
    if (folder !== made) fs.mkdirSync(folder, { recursive: true });
    made = folder;
    if (folder === place) continue;
    let flag = "wx"; // on a file system that ignores case, two names may mean one file
    for await (const chunk of entryBytes(readUntil, entry)) {
      fs.writeFileSync(place, chunk, { flag, mode: entry.mode });
      flag = "a";
    }
    if (Date.now() - sliceStart < SLICE_MS_MAX) continue;
    await othersTurn();
    sliceStart = Date.now();
  }
}
