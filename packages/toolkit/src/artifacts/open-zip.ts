/*
 * An input artifact that is read as a zip.
 */

import type { Readable } from "node:stream";
import { asStream } from "../bytes.ts";
import { ConfigurationError } from "../failure.ts";
import { SHOWN_FILES_MAX } from "../limits.ts";
import type { ObjectPlace, ObjectStore } from "../surroundings.ts";
import { entryBytes } from "../zip/entry-bytes.ts";
import { extractEntries } from "../zip/extract.ts";
import { type ArtifactLimits, readDirectory } from "../zip/read-directory.ts";
import { readInOrder } from "../zip/zip-source.ts";
import { openObject } from "./open-object.ts";

/** A zip whose directory was read. */
export interface OpenZip {
  /** Names of its files, sorted. */
  readonly files: readonly string[];
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
  const files = entries.flatMap(({ type, path }) => (type === "file" ? path : [])).sort();
  return {
    files,
    file(path) {
      const wanted = path.replace(/^(\.\/)+/, "");
      const entry = entries.find((each) => each.path === wanted && each.type === "file");
      if (!entry) throw new ConfigurationError(`${label} has no file '${path}'. ${nearest(wanted, files)}`);
      return asStream(entryBytes(readInOrder(zip.stream(entry.start, entry.end), entry.start), entry));
    },
    extract: (dir) => extractEntries(zip, entries, dir),
  };
}

/** Files with the same last part if there are any, else the first ones. */
function nearest(path: string, files: readonly string[]): string {
  const last = `/${path.slice(path.lastIndexOf("/") + 1)}`;
  const same = files.filter((file) => `/${file}`.endsWith(last));
  const found = same.length > 0 ? same : files;
  const more = found.length > SHOWN_FILES_MAX ? ", …" : "";
  return found.length === 0 ? "It is empty." : `It has '${found.slice(0, SHOWN_FILES_MAX).join("', '")}'${more}.`;
}
