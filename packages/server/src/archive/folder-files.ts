import { readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { pauseBetweenSlices } from "./slices.ts";

/** One entry to be zipped. */
export interface FolderFile {
  /** As in the zip: parts joined by `/`, with `/` at the end for an empty folder. */
  readonly name: string;
  /** Absolute, links resolved. */
  readonly path: string;
  readonly type: "file" | "emptyFolder";
  readonly executable: boolean;
  readonly sizeBytes: number;
  /** Epoch milliseconds. */
  readonly modifiedMs: number;
}

/** What to zip, and what to do about symbolic links. */
export interface FolderOptions {
  /** Is asked with every name as it would be in the zip, folders (not links to them) with a `/` at the end; true leaves it out. */
  exclude?(name: string): boolean;
  /** `follow` zips what a link inside the folder points to; a link out of the folder is always refused. */
  readonly symlinks?: "follow" | "refuse";
}

/** A folder that cannot be zipped as it is. The message names the entry at fault. */
export class InvalidFolder extends Error {
  override readonly name = "InvalidFolder";
}

/** Files, and links followed to folders, of one folder. More is taken for a mistake. Source: our choice. */
const FOLDER_FILES_MAX = 500_000;

interface Walk {
  readonly root: string;
  readonly options: FolderOptions;
  readonly found: FolderFile[];
  readonly pause: () => Promise<void> | undefined;
}

/**
 * Every file below a folder, and every empty folder, sorted by name (UTF-16 code units).
 *
 * Errors: `InvalidFolder` for links that are refused or lead outside, for devices, and when `dir` is no folder.
 */
export async function folderFiles(dir: string, options: FolderOptions = {}): Promise<readonly FolderFile[]> {
  const root = realFolder(dir);
  const walk: Walk = { root, options, found: [], pause: pauseBetweenSlices() };
  await visit(walk, root, "", [root]);
  return walk.found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function realFolder(dir: string): string {
  const stats = statSync(dir, { throwIfNoEntry: false });
  if (!stats) throw new InvalidFolder(`${dir} does not exist`);
  if (!stats.isDirectory()) throw new InvalidFolder(`${dir} is not a folder`);
  return realpathSync(dir);
}

/** `above` holds the real folders from the root to this one, to notice a link that leads back up. */
async function visit(walk: Walk, folder: string, prefix: string, above: readonly string[]): Promise<void> {
  await walk.pause();
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries) {
    const name = prefix + entry.name;
    if (walk.options.exclude?.(entry.isDirectory() ? `${name}/` : name)) continue;
    const path = entry.isSymbolicLink() ? followed(walk, name, join(folder, entry.name)) : join(folder, entry.name);
    const stats = statSync(path);
    if (stats.isDirectory()) await visitFolder(walk, path, name, above);
    else note(walk, name, path, stats);
  }
  if (entries.length === 0 && prefix !== "") noteEmpty(walk, prefix, folder);
}

async function visitFolder(walk: Walk, path: string, name: string, above: readonly string[]): Promise<void> {
  if (above.includes(path)) throw new InvalidFolder(`'${name}' is a symbolic link to a folder that contains it`);
  await visit(walk, path, `${name}/`, [...above, path]);
}

function followed(walk: Walk, name: string, path: string): string {
  if (walk.options.symlinks === "refuse") {
    throw new InvalidFolder(`'${name}' is a symbolic link; replace it by what it points to, or leave it out`);
  }
  const real = resolvedLink(name, path);
  const inside = relative(walk.root, real);
  if (inside.startsWith("..") || isAbsolute(inside)) {
    throw new InvalidFolder(
      `'${name}' is a symbolic link that leads outside ${walk.root}; copy the file in, or leave it out`,
    );
  }
  return real;
}

function resolvedLink(name: string, path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new InvalidFolder(`'${name}' is a symbolic link that leads nowhere`, { cause });
  }
}

function note(walk: Walk, name: string, path: string, stats: Stats): void {
  if (!stats.isFile()) throw new InvalidFolder(`'${name}' is neither a file nor a folder; leave it out`);
  push(walk, {
    name,
    path,
    type: "file",
    executable: (stats.mode & 0o111) !== 0,
    sizeBytes: stats.size,
    modifiedMs: stats.mtimeMs,
  });
}

function noteEmpty(walk: Walk, name: string, path: string): void {
  push(walk, { name, path, type: "emptyFolder", executable: true, sizeBytes: 0, modifiedMs: 0 });
}

function push(walk: Walk, file: FolderFile): void {
  if (walk.found.length >= FOLDER_FILES_MAX) {
    throw new InvalidFolder(`${walk.root} has more than ${FOLDER_FILES_MAX} files`);
  }
  walk.found.push(file);
}
