import fs from "node:fs";
import { AT_ONCE_BYTES_MAX } from "../limits.ts";
import { EXECUTABLE_MODE, FILE_MODE, FOLDER_MODE } from "../zip/records.ts";
import type { ZipWriter } from "../zip/write-zip.ts";
import { folderFiles } from "./folder-files.ts";

/**
 * Adds every file below a folder to a zip, and empty folders; `prefix` is put in front of their names.
 *
 * Errors: `InvalidZip` for names that are refused; `JobFailed` for what a folder must not hold.
 */
export async function addFolder(zip: ZipWriter, dir: string, prefix: string): Promise<void> {
  for (const [path, at] of await folderFiles(dir)) {
    await (at ? addFile(zip, at, prefix + path) : zip.add(prefix + path, Buffer.alloc(0), FOLDER_MODE));
  }
}

/** Adds one file of the disk. What is small is read whole, which is faster than a stream and needs no data descriptor. */
export async function addFile(zip: ZipWriter, path: string, name: string): Promise<void> {
  const { size, mode } = fs.statSync(path);
  const isWhole = size <= AT_ONCE_BYTES_MAX;
  const bytes = isWhole ? fs.readFileSync(path) : fs.createReadStream(path);
  await zip.add(name, bytes, mode & 0o111 ? EXECUTABLE_MODE : FILE_MODE);
}
