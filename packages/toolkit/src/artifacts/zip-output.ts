/*
 * An output artifact that is written as a zip. Loaded when a job first does so: a function that starts needs none of it yet.
 */

import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import {
  EXECUTABLE_MODE,
  FILE_MODE,
  FOLDER_MODE,
  type WriteBytes,
  writeZip,
  type ZipWriter,
} from "../zip/write-zip.ts";
import { folderFiles } from "./folder-files.ts";

export interface ZipOutput {
  /** Every file below a folder, and empty folders. */
  addFolder(dir: string, prefix: string): Promise<void>;
  addFile(path: string, name: string): Promise<void>;
  addBytes(name: string, bytes: Parameters<ZipWriter["add"]>[1]): Promise<void>;
  /** Writes the zip's directory. */
  end(): Promise<void>;
}

/** Up to this size a file is read whole, which is faster than a stream and needs no data descriptor. */
const WHOLE_BYTES_MAX = 1024 * 1024;

/** Begins a zip. Errors: `InvalidZip` for names that are refused; `JobFailed` for what a folder must not hold. */
export function zipOutput(write: WriteBytes): ZipOutput {
  const zip = writeZip(write);
  return {
    async addFolder(dir, prefix) {
      for (const [path, at] of await folderFiles(dir)) {
        await (at ? addFile(zip, at, prefix + path) : zip.add(prefix + path, Buffer.alloc(0), FOLDER_MODE));
      }
    },
    addFile: (path, name) => addFile(zip, path, name),
    addBytes: (name, bytes) => zip.add(name, bytes, FILE_MODE),
    end: () => zip.end(),
  };
}

async function addFile(zip: ZipWriter, path: string, name: string): Promise<void> {
  const { size, mode } = await stat(path);
  const isWhole = size <= WHOLE_BYTES_MAX;
  const bytes = isWhole ? await readFile(path) : createReadStream(path, { highWaterMark: 256 * 1024 });
  await zip.add(name, bytes, mode & 0o111 ? EXECUTABLE_MODE : FILE_MODE);
}
