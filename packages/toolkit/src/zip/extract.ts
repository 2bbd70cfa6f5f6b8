/*
 * Unpacks a zip in one pass over its bytes, all or nothing.
 *
 * The directory was checked before (read-directory.ts). The entries are written in the order in which they lie in the
 * zip, into a new folder beside the target; at the end that folder is renamed, on any fault it is removed. So neither
 * the zip nor any large file is ever held, in memory or on disk.
 */

import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setImmediate as othersTurn } from "node:timers/promises";
import { codeOf } from "../failure-of.ts";
import { entryBytes } from "./entry-bytes.ts";
import { badEntry } from "./invalid-zip.ts";
import type { ZipEntry } from "./read-directory.ts";
import { type ByteReader, readInOrder, type ZipSource } from "./zip-source.ts";

/** How long unpacking may keep the event loop before timers, such as the deadline's, have their turn. Unit: milliseconds. */
const SLICE_MS_MAX = 10;

/**
 * Unpacks `entries`, all or some of a zip, into `targetDir`, which must not exist or be empty.
 *
 * Executable bits are kept, other modes become 0644 and 0755; times are not kept.
 * Errors: `InvalidZip`, errors of the disk, those of the source as they are; then nothing is left behind.
 */
export async function extractEntries(zip: ZipSource, entries: readonly ZipEntry[], targetDir: string): Promise<void> {
  const target = resolve(targetDir);
  mkdirSync(dirname(target), { recursive: true });
  const stagingDir = mkdtempSync(`${target}.unpacking-`);
  try {
    await writeEntries(zip, entries, stagingDir);
    chmodSync(stagingDir, 0o755);
    renameSync(stagingDir, target);
  } catch (error) {
    rmSync(stagingDir, { recursive: true, force: true });
    throw error;
  }
}

async function writeEntries(zip: ZipSource, entries: readonly ZipEntry[], dir: string): Promise<void> {
  const [first] = entries;
  const last = entries.at(-1);
  if (!first || !last) return;
  const reader = readInOrder(zip.stream(first.headerOffset, last.endOffsetMax), first.headerOffset);
  const made = new Set<string>([dir]);
  let sliceStart = performance.now();
  for (const entry of entries) {
    const place = join(dir, entry.path);
    makeFolder(entry.type === "directory" ? place : dirname(place), made);
    if (entry.type === "directory") continue;
    await reader.skipTo(entry.headerOffset);
    await writeEntry(reader, entry, place);
    if (performance.now() - sliceStart < SLICE_MS_MAX) continue;
    await othersTurn();
    sliceStart = performance.now();
  }
}

function makeFolder(path: string, made: Set<string>): void {
  if (made.has(path)) return;
  mkdirSync(path, { recursive: true });
  made.add(path);
}

async function writeEntry(reader: ByteReader, entry: ZipEntry, place: string): Promise<void> {
  const file = openNew(place, entry);
  try {
    for await (const chunk of entryBytes(reader, entry)) writeFileSync(file, chunk);
  } finally {
    closeSync(file);
  }
}

/** Exclusively: on a file system that ignores case, two names may mean one file. */
function openNew(place: string, { path, mode }: ZipEntry): number {
  try {
    return openSync(place, "wx", mode);
  } catch (cause) {
    if (!/^E(EXIST|ISDIR)$/.test(codeOf(cause))) throw cause;
    throw badEntry("duplicate", path, "would overwrite another entry", { cause });
  }
}
