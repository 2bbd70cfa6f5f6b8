import { readdir, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import { JobFailed } from "../failure.ts";

/** One file of a folder, or an empty folder in it. */
export interface FolderFile {
  /** Parts joined by `/`. */
  readonly name: string;
  /** Absolute, links resolved. */
  readonly path: string;
  readonly type: "file" | "emptyFolder";
}

/** More is taken for a mistake. Source: reference, "Quotas": files in an artifact. */
const FILES_MAX = 100_000;

/**
 * Every file below a folder, and every empty folder, sorted by name.
 *
 * Errors: `JobFailed` for links that lead out of the folder, up into themselves, or nowhere; for what is no file; and
 * when `dir` is no folder.
 */
export async function folderFiles(dir: string): Promise<readonly FolderFile[]> {
  const root = await realpath(dir).catch((cause: unknown) => {
    throw new JobFailed(`The folder ${dir} does not exist.`, { cause });
  });
  if (!(await stat(root)).isDirectory()) throw new JobFailed(`${dir} is not a folder.`);
  const found: FolderFile[] = [];
  await visit(root, root, "", [root], found);
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `above` holds the real folders from the root to this one, to notice a link that leads back up. */
async function visit(
  root: string,
  folder: string,
  prefix: string,
  above: readonly string[],
  found: FolderFile[],
): Promise<void> {
  const entries = await readdir(folder);
  for (const entry of entries) {
    const name = prefix + entry;
    const path = await insidePath(root, join(folder, entry), name);
    const stats = await stat(path);
    if (stats.isDirectory()) {
      if (above.includes(path)) throw new JobFailed(`'${name}' is a link to a folder that contains it.`);
      await visit(root, path, `${name}/`, [...above, path], found);
    } else if (stats.isFile()) found.push({ name, path, type: "file" });
    else throw new JobFailed(`'${name}' is neither a file nor a folder.`);
    if (found.length > FILES_MAX) throw new JobFailed(`${root} has more than ${FILES_MAX} files.`);
  }
  if (entries.length === 0 && prefix !== "")
    found.push({ name: prefix.slice(0, -1), path: folder, type: "emptyFolder" });
}

async function insidePath(root: string, path: string, name: string): Promise<string> {
  const real = await realpath(path).catch((cause: unknown) => {
    throw new JobFailed(`'${name}' is a link that leads nowhere.`, { cause });
  });
  const inside = relative(root, real);
  if (inside === ".." || inside.startsWith("../") || isAbsolute(inside)) {
    throw new JobFailed(`'${name}' is a link that leads out of ${root}.`);
  }
  return real;
}
