/**
 * Unpacks a zip, all or nothing.
 *
 * Whatever the zip's directory tells is checked before a byte is written (zip-entries.ts). Then the entries are
 * written in the order in which they lie in the zip, into a new folder beside the target, and every size and
 * checksum is checked on the way. Links come last, so that no entry is ever written through one. At the end the
 * folder is renamed to its place; on any fault it is removed.
 */
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import { checkLinkTarget } from "./entry-name.ts";
import { InvalidZip } from "./invalid-zip.ts";
import { pauseBetweenSlices } from "./slices.ts";
import {
  ARTIFACT_ZIP_LIMITS,
  LOCAL_HEADER_BYTES,
  overlaps,
  readZipEntries,
  type ZipEntry,
  type ZipLimits,
} from "./zip-entries.ts";
import { openZipSource, type ZipSource } from "./zip-source.ts";

/** What was unpacked. */
export interface ExtractedZip {
  readonly fileCount: number;
  /** Sum of the unpacked sizes. */
  readonly sizeBytes: number;
}

/** Entries up to this many bytes, packed and unpacked, are inflated at once: several times faster than a stream each. */
const AT_ONCE_BYTES_MAX = 1024 * 1024;

/** Bytes of a link's target that are believed. */
const LINK_BYTES_MAX = 4096;

/**
 * Unpacks `source`, a path or the bytes themselves, into `targetDir`, which must not exist or be empty.
 *
 * Executable bits are kept, other modes become 0644 and 0755; times are not kept.
 * Errors: `InvalidZip`, with the entry's name; then nothing is left behind. Errors of the disk as they are.
 */
export async function extractZip(
  source: string | Buffer,
  targetDir: string,
  limits: ZipLimits = ARTIFACT_ZIP_LIMITS,
): Promise<ExtractedZip> {
  const target = resolve(targetDir);
  const zip = openZipSource(source);
  try {
    const entries = await readZipEntries(zip, target, limits);
    await replaceWhole(target, (stagingDir) => writeEntries(zip, entries, stagingDir, target));
    return summary(entries);
  } finally {
    zip.close();
  }
}

function summary(entries: readonly ZipEntry[]): ExtractedZip {
  const files = entries.filter((entry) => entry.type === "file");
  return { fileCount: files.length, sizeBytes: files.reduce((sum, entry) => sum + entry.sizeBytes, 0) };
}

/** Lets `fill` write into a new folder beside the target, and puts that in the target's place. */
async function replaceWhole(target: string, fill: (stagingDir: string) => Promise<void>): Promise<void> {
  mkdirSync(dirname(target), { recursive: true });
  const stagingDir = mkdtempSync(`${target}.unpacking-`);
  try {
    await fill(stagingDir);
    chmodSync(stagingDir, 0o755);
    renameSync(stagingDir, target);
  } catch (error) {
    rmSync(stagingDir, { recursive: true, force: true });
    throw error;
  }
}

async function writeEntries(zip: ZipSource, entries: readonly ZipEntry[], dir: string, target: string): Promise<void> {
  const made = new Set<string>([dir]);
  const links: { readonly path: string; readonly target: string }[] = [];
  const pause = pauseBetweenSlices();
  for (const entry of entries) {
    await pause();
    const place = join(dir, entry.path);
    makeFolder(entry.type === "directory" ? place : dirname(place), made);
    if (entry.type === "directory") continue;
    if (entry.type === "symlink") links.push({ path: entry.path, target: readLink(zip, entry, target) });
    else if (Math.max(entry.sizeBytes, entry.packedBytes) <= AT_ONCE_BYTES_MAX)
      writeNew(place, inflateAtOnce(zip, entry), entry);
    else await writeStreamed(zip, entry, place);
  }
  for (const link of links) symlinkSync(link.target, join(dir, link.path));
}

function makeFolder(path: string, made: Set<string>): void {
  if (made.has(path)) return;
  mkdirSync(path, { recursive: true });
  made.add(path);
}

function readLink(zip: ZipSource, entry: ZipEntry, targetDir: string): string {
  const targetBytes = Math.max(entry.sizeBytes, entry.packedBytes);
  if (targetBytes > LINK_BYTES_MAX) throw corrupt(entry, `is a symbolic link with a target of ${targetBytes} bytes`);
  const target = inflateAtOnce(zip, entry).toString("utf8");
  checkLinkTarget(entry.path, target, targetDir);
  return target;
}

/** Exclusively: on a file system that ignores case, two names may mean one file. */
function writeNew(place: string, data: Buffer, entry: ZipEntry): void {
  try {
    writeFileSync(place, data, { flag: "wx", mode: entry.mode });
  } catch (error) {
    throw existsAlready(error) ? sameFile(entry, error) : error;
  }
}

function inflateAtOnce(zip: ZipSource, entry: ZipEntry): Buffer {
  const start = dataStart(zip, entry);
  const packed = zip.read(start, entry.packedBytes);
  const data = entry.method === "stored" ? packed : inflateBounded(packed, entry);
  if (data.length !== entry.sizeBytes) throw wrongSize(entry, data.length);
  if (crc32(data) !== entry.crc32) throw wrongChecksum(entry);
  return data;
}

function inflateBounded(packed: Buffer, entry: ZipEntry): Buffer {
  // One byte more than declared, so that the usual case fills one chunk and a longer one is noticed.
  const chunkSize = Math.max(64, entry.sizeBytes + 1);
  try {
    return inflateRawSync(packed, { chunkSize, maxOutputLength: Math.max(1, entry.sizeBytes) });
  } catch (cause) {
    throw inflateFault(entry, cause);
  }
}

/** Where an entry's data starts: after its local header, whose name and extra fields may differ from the directory's. */
function dataStart(zip: ZipSource, entry: ZipEntry): number {
  const header = zip.read(entry.headerOffset, LOCAL_HEADER_BYTES);
  if (header.length < LOCAL_HEADER_BYTES || header.readUInt32LE(0) !== 0x04034b50) {
    throw corrupt(entry, "is not where the directory of the zip says");
  }
  const start = entry.headerOffset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + entry.packedBytes > entry.endOffsetMax) throw overlaps(entry.path, undefined);
  return start;
}

async function writeStreamed(zip: ZipSource, entry: ZipEntry, place: string): Promise<void> {
  const start = dataStart(zip, entry);
  const source = zip.stream(start, start + entry.packedBytes);
  const file = openNew(place, entry);
  try {
    const write = (chunks: AsyncIterable<Buffer>) => writeAll(file, chunks);
    if (entry.method === "stored") await pipeline(source, checked(entry), write);
    else await pipeline(source, createInflateRaw({ chunkSize: 256 * 1024 }), checked(entry), write);
  } catch (cause) {
    throw isInflateError(cause) ? inflateFault(entry, cause) : cause;
  } finally {
    closeSync(file);
  }
}

function openNew(place: string, entry: ZipEntry): number {
  try {
    return openSync(place, "wx", entry.mode);
  } catch (error) {
    throw existsAlready(error) ? sameFile(entry, error) : error;
  }
}

async function writeAll(file: number, chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of chunks) writeFileSync(file, chunk);
}

/** Passes an entry's bytes on, and ends with an error when they are not what the directory says. */
function checked(entry: ZipEntry): (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* check(chunks) {
    let sizeBytes = 0;
    let checksum = 0;
    for await (const chunk of chunks) {
      sizeBytes += chunk.length;
      if (sizeBytes > entry.sizeBytes) throw tooLong(entry, undefined);
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
    if (sizeBytes !== entry.sizeBytes) throw wrongSize(entry, sizeBytes);
    if (checksum !== entry.crc32) throw wrongChecksum(entry);
  };
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
const existsAlready = (error: unknown) => codeOf(error) === "EEXIST" || codeOf(error) === "EISDIR";
const isInflateError = (error: unknown) => codeOf(error).startsWith("Z_");

function inflateFault(entry: ZipEntry, cause: unknown): InvalidZip {
  if (codeOf(cause) === "ERR_BUFFER_TOO_LARGE") return tooLong(entry, cause);
  return corrupt(entry, "is damaged: its compressed data cannot be read", cause);
}

const corrupt = (entry: ZipEntry, what: string, cause?: unknown) =>
  new InvalidZip("corrupt", `entry '${entry.path}' ${what}`, { cause });
const tooLong = (entry: ZipEntry, cause: unknown) =>
  corrupt(entry, `unpacks to more than the ${entry.sizeBytes} bytes that the zip declares`, cause);
const wrongSize = (entry: ZipEntry, sizeBytes: number) =>
  corrupt(entry, `unpacks to ${sizeBytes} bytes, but the zip declares ${entry.sizeBytes}`);
const wrongChecksum = (entry: ZipEntry) => corrupt(entry, "is damaged: its CRC-32 is not what the zip says");
const sameFile = (entry: ZipEntry, cause: unknown) =>
  new InvalidZip(
    "duplicate",
    `entry '${entry.path}' would overwrite another entry: this file system takes both names for one`,
    { cause },
  );
