/*
 * An input artifact that is read as a zip. Loaded when a job first does so: a function that starts needs none of it yet.
 */

import { Readable } from "node:stream";
import { ConfigurationError } from "../failure.ts";
import type { ObjectPlace, ObjectStore } from "../surroundings.ts";
import { entryBytes } from "../zip/entry-bytes.ts";
import { extractEntries } from "../zip/extract.ts";
import { type ArtifactLimits, readDirectory, type ZipEntry } from "../zip/read-directory.ts";
import { readInOrder, type ZipSource } from "../zip/zip-source.ts";
import { openObject } from "./open-object.ts";

export interface OpenZip {
  /** Names of its files, sorted. */
  files(): readonly string[];
  /** Errors: `ConfigurationError` when there is no such file. */
  file(path: string): Readable;
  /** Unpacks it into a folder that does not exist or is empty. */
  extract(dir: string): Promise<void>;
}

/** Reads the directory of a zip. Errors: those of an input artifact. */
export async function openZip(
  store: ObjectStore,
  place: ObjectPlace,
  label: string,
  limits: ArtifactLimits,
): Promise<OpenZip> {
  const zip = await openObject(store, place, label);
  const entries = await readDirectory(zip, limits);
  return {
    files: () => filesOf(entries).sort(),
    file: (path) => entryStream(zip, entries, path),
    extract: (dir) => extractEntries(zip, entries, dir),
  };
}

function entryStream(zip: ZipSource, entries: readonly ZipEntry[], path: string): Readable {
  const wanted = path.replace(/^(?:\.\/)+/, "");
  const entry = entries.find((each) => each.type === "file" && each.path === wanted);
  if (!entry) throw new ConfigurationError(`${zip.label} has no file '${path}'. ${nearest(wanted, entries)}`);
  const bytes = zip.stream(entry.headerOffset, entry.endOffsetMax);
  return Readable.from(entryBytes(readInOrder(bytes, entry.headerOffset), entry), { objectMode: false });
}

const SHOWN_FILES_MAX = 10;

const filesOf = (entries: readonly ZipEntry[]) => entries.flatMap(({ type, path }) => (type === "file" ? [path] : []));

/** Files with the same last part if there are any, else the first ones. */
function nearest(path: string, entries: readonly ZipEntry[]): string {
  const files = filesOf(entries);
  const last = `/${path.slice(path.lastIndexOf("/") + 1)}`;
  const same = files.filter((file) => `/${file}`.endsWith(last));
  const found = same.length > 0 ? same : files;
  const more = found.length > SHOWN_FILES_MAX ? ` and ${found.length - SHOWN_FILES_MAX} more` : "";
  return found.length === 0 ? "It is empty." : `It has '${found.slice(0, SHOWN_FILES_MAX).join("', '")}'${more}.`;
}
