/**
 * Zips a folder, streamed and reproducible: equal files give equal bytes, wherever and whenever they are zipped.
 * Names are sorted, times fixed, modes 0644 or 0755. Small files are deflated at once, large ones as a stream.
 */
import { createReadStream, createWriteStream, readFileSync, renameSync, rmSync } from "node:fs";
import { Readable, pipeline as startPipeline, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { crc32, createDeflateRaw, deflateRaw, deflateRawSync } from "node:zlib";
import { type FolderFile, type FolderOptions, folderFiles, InvalidFolder } from "./folder-files.ts";
import { pauseBetweenSlices } from "./slices.ts";
import {
  dataDescriptor,
  directoryRecord,
  endOfDirectory,
  localHeader,
  type WrittenEntry,
  ZIP32_MAX,
} from "./zip-format.ts";

/** What was zipped. */
export interface ZippedFolder {
  readonly fileCount: number;
  /** Of the zip. */
  readonly sizeBytes: number;
}

/** Up to this size a file is deflated in place, which is faster than a thread's turn. */
const AT_ONCE_BYTES_MAX = 64 * 1024;
/** Up to this size a file is read whole and deflated on another thread; beyond, it is streamed. */
const WHOLE_BYTES_MAX = 1024 * 1024;
/** Output is handed on in pieces of at least this size. */
const PIECE_BYTES = 128 * 1024;

/**
 * Zips `dir` into a stream, which is ended, or into a file, which appears whole or not at all.
 *
 * Nothing is left out unless `exclude` says so. An empty folder gets an entry; other folders follow from their files.
 * Errors: `InvalidFolder`, with the entry's name; errors of the disk and of the target as they are.
 */
export async function zipFolder(
  dir: string,
  target: Writable | string,
  options: FolderOptions = {},
): Promise<ZippedFolder> {
  const files = await folderFiles(dir, options);
  const counted = { sizeBytes: 0 };
  const source = Readable.from(inPieces(zipBytes(files), counted), { objectMode: false, highWaterMark: PIECE_BYTES });
  if (typeof target === "string") await writeWhole(source, target);
  else await pipeline(source, target);
  return { fileCount: files.filter((file) => file.type === "file").length, sizeBytes: counted.sizeBytes };
}

async function writeWhole(source: Readable, path: string): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await pipeline(source, createWriteStream(partial));
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

async function* inPieces(chunks: AsyncIterable<Buffer>, counted: { sizeBytes: number }): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  for await (const chunk of chunks) {
    counted.sizeBytes += chunk.length;
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes < PIECE_BYTES) continue;
    yield Buffer.concat(waiting, waitingBytes);
    waiting = [];
    waitingBytes = 0;
  }
  yield Buffer.concat(waiting, waitingBytes);
}

async function* zipBytes(files: readonly FolderFile[]): AsyncGenerator<Buffer> {
  const pause = pauseBetweenSlices();
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    await pause();
    const sink: { entry?: Omit<WrittenEntry, "headerOffset"> } = {};
    const headerOffset = offset;
    for await (const chunk of entryBytes(file, sink)) {
      offset += chunk.length;
      yield chunk;
    }
    if (sink.entry) directory.push(directoryRecord({ ...sink.entry, headerOffset }));
  }
  const directoryBytes = Buffer.concat(directory);
  yield directoryBytes;
  yield endOfDirectory(files.length, offset, directoryBytes.length);
}

interface EntrySink {
  /** Is set when the entry's last byte was given. */
  entry?: Omit<WrittenEntry, "headerOffset">;
}

async function* entryBytes(file: FolderFile, sink: EntrySink): AsyncGenerator<Buffer> {
  if (file.sizeBytes > WHOLE_BYTES_MAX) return yield* streamedEntry(file, sink);
  const data = file.type === "file" ? readFileSync(file.path) : Buffer.alloc(0);
  const packed = data.length > AT_ONCE_BYTES_MAX ? await deflateElsewhere(data) : deflateRawSync(data);
  const deflates = packed.length < data.length;
  sink.entry = {
    ...nameAndMode(file),
    method: deflates ? "deflated" : "stored",
    crc32: crc32(data),
    packedBytes: deflates ? packed.length : data.length,
    sizeBytes: data.length,
    streamed: false,
  };
  yield localHeader(sink.entry, false);
  yield deflates ? packed : data;
}

const deflateElsewhere = promisify<Buffer, Buffer>(deflateRaw);

async function* streamedEntry(file: FolderFile, sink: EntrySink): AsyncGenerator<Buffer> {
  // Deflate can add a little to what it cannot compress.
  const wide = file.sizeBytes * 1.01 >= ZIP32_MAX;
  const begun = {
    ...nameAndMode(file),
    method: "deflated",
    crc32: 0,
    packedBytes: 0,
    sizeBytes: 0,
    streamed: true,
  } as const;
  yield localHeader(begun, wide);
  const counted = { crc32: 0, packedBytes: 0, sizeBytes: 0 };
  for await (const chunk of deflated(file, counted)) {
    counted.packedBytes += chunk.length;
    yield chunk;
  }
  if (!wide && Math.max(counted.sizeBytes, counted.packedBytes) >= ZIP32_MAX) {
    throw new InvalidFolder(`'${file.name}' grew beyond 4 GiB while it was zipped`);
  }
  sink.entry = { ...begun, ...counted };
  yield dataDescriptor(counted, wide);
}

function deflated(file: FolderFile, counted: { crc32: number; sizeBytes: number }): AsyncIterable<Buffer> {
  const count = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      counted.crc32 = crc32(chunk, counted.crc32);
      counted.sizeBytes += chunk.length;
      yield chunk;
    }
  };
  const deflate = createDeflateRaw({ chunkSize: PIECE_BYTES });
  // An error of the file destroys `deflate` with it, so that whoever reads from it sees the error.
  startPipeline(createReadStream(file.path, { highWaterMark: 256 * 1024 }), count, deflate, () => {});
  return deflate;
}

const FILE_TYPE = 0o100000;
const FOLDER_TYPE = 0o040000;

function nameAndMode(file: FolderFile): Pick<WrittenEntry, "name" | "mode"> {
  const type = file.type === "file" ? FILE_TYPE : FOLDER_TYPE;
  return { name: Buffer.from(file.name, "utf8"), mode: type | (file.executable ? 0o755 : 0o644) };
}
