import { lstatSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ProjectFile } from "./template.ts";

/** What stands in the way of files in a folder: files of their names, and files where they need a folder. Relative paths. */
export function inTheWay(folder: string, files: readonly ProjectFile[]): readonly string[] {
  const found = files.flatMap(({ path }) => {
    const parents = path.split("/").slice(0, -1);
    const above = parents.map((_, index) => parents.slice(0, index + 1).join("/"));
    const blocked = above.filter((parent) => isThere(join(folder, parent), "anything but a folder"));
    if (blocked.length > 0) return blocked;
    return isThere(join(folder, path), "anything") ? [path] : [];
  });
  return [...new Set(found)];
}

function isThere(path: string, what: "anything" | "anything but a folder"): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && (what === "anything" || !found.isDirectory());
}

/** Writes all files, or none: what was written before one fails is removed again. Never replaces a file. */
export function writeFiles(folder: string, files: readonly ProjectFile[]): void {
  const made: string[] = [];
  try {
    for (const { path, text } of files) {
      const file = join(folder, path);
      const firstMade = mkdirSync(dirname(file), { recursive: true });
      if (firstMade !== undefined) made.push(firstMade);
      writeFileSync(file, text, { flag: "wx" });
      made.push(file);
    }
  } catch (error) {
    for (const path of made.reverse()) rmSync(path, { recursive: true, force: true });
    throw error;
  }
}
