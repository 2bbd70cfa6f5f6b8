import { readdir, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import { JobFailed } from "../failure.ts";

/** One file of a folder: its name, parts joined by `/`, and its absolute path, links resolved; an empty folder has none. */
export type FolderFile = readonly [name: string, path: string | undefined];

/** More is taken for a mistake. Source: reference, "Quotas": files in an artifact. */
const FILES_MAX = 100_000;

/**
 * Every file below a folder, and every empty folder, sorted by name.
 *
 * Errors: `JobFailed` for links that lead out of the folder, up into themselves, or nowhere; for what is no file; and
 * when `dir` is no folder.
 */
export async function folderFiles(dir: string): Promise<readonly FolderFile[]> {
  const root = await real(dir, `The folder ${dir} does not exist.`);
  if (!(await stat(root)).isDirectory()) throw new JobFailed(`${dir} is not a folder.`);
  const found: FolderFile[] = [];
  // `above` holds the real folders from the root to this one, to notice a link that leads back up.
  const visit = async (folder: string, prefix: string, above: readonly string[]): Promise<void> => {
    const entries = await readdir(folder);
    for (const entry of entries) {
      const name = prefix + entry;
      const path = await real(join(folder, entry), `'${name}' is a link that leads nowhere.`);
      if (isOutside(root, path)) throw new JobFailed(`'${name}' is a link that leads out of ${root}.`);
      const stats = await stat(path);
      if (stats.isDirectory()) {
        if (above.includes(path)) throw new JobFailed(`'${name}' is a link to a folder that contains it.`);
        await visit(path, `${name}/`, [...above, path]);
      } else if (stats.isFile()) found.push([name, path]);
      else throw new JobFailed(`'${name}' is neither a file nor a folder.`);
      if (found.length > FILES_MAX) throw new JobFailed(`${root} has more than ${FILES_MAX} files.`);
    }
    if (entries.length === 0 && prefix !== "") found.push([prefix.slice(0, -1), undefined]);
  };
  await visit(root, "", [root]);
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}

const real = (path: string, missing: string) =>
  realpath(path).catch((cause: unknown) => {
    throw new JobFailed(missing, { cause });
  });

function isOutside(root: string, path: string): boolean {
  const inside = relative(root, path);
  return inside === ".." || inside.startsWith("../") || isAbsolute(inside);
}
