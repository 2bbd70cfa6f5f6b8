import fs from "node:fs/promises";
import { join } from "node:path";
import { JobFailed } from "../failure.ts";
import { FILES_MAX } from "../limits.ts";

/** One file of a folder: its name, parts joined by `/`, and its absolute path, links resolved; an empty folder has none. */
export type FolderFile = readonly [name: string, path: string | undefined];

/**
 * Every file below a folder, and every empty folder, sorted by name.
 *
 * Errors: `JobFailed` for links that lead out of the folder, up into themselves, or nowhere, and for what is no file;
 * `Error` of the disk when `dir` is no folder.
 */
export async function folderFiles(dir: string): Promise<readonly FolderFile[]> {
  const root = await real(dir);
  const found: FolderFile[] = [];
  // `above` holds the real folders from the root to this one, to notice a link that leads back up.
  const visit = async (folder: string, prefix: string, above: readonly string[]): Promise<void> => {
    const entries = await fs.readdir(folder);
    for (const entry of entries) {
      const name = prefix + entry;
      const refused = (what: string) => new JobFailed(`'${name}' is ${what}.`);
      const path = await real(join(folder, entry));
      if (!join(path, "/").startsWith(join(root, "/"))) throw refused(`a link that leads out of ${root}`);
      if (above.includes(path)) throw refused("a link to a folder that contains it");
      const stats = await fs.stat(path);
      if (stats.isDirectory()) await visit(path, `${name}/`, [...above, path]);
      else if (stats.isFile()) found.push([name, path]);
      else throw refused("neither a file nor a folder");
      if (found.length > FILES_MAX) throw new JobFailed(`${root} has more than ${FILES_MAX} files.`);
    }
    if (entries.length === 0 && prefix !== "") found.push([prefix.slice(0, -1), undefined]);
  };
  await visit(root, "", [root]);
  return found.sort();
}

const real = (path: string) =>
  fs.realpath(path).catch((cause: unknown) => {
    throw new JobFailed(`${path} does not exist, or is a link that leads nowhere.`, { cause });
  });
