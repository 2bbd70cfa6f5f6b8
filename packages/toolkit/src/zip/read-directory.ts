/*
 * Reads the directory at the end of a zip, and refuses the zip by it: before any byte of an entry is read, names,
 * types, sizes, counts, duplicates and overlaps are known to be fine.
 *
 * Source: PKWARE APPNOTE.TXT 6.3.10, §4.3.
 */

import { allOf } from "../all-of.ts";
import { entryPath } from "./entry-name.ts";
import { badEntry, InvalidZip } from "./invalid-zip.ts";
import {
  DIRECTORY_RECORD,
  DIRECTORY_SIGNATURE,
  END,
  END_SIGNATURE,
  LOCAL_HEADER,
  LOCATOR,
  LOCATOR_SIGNATURE,
  lengthOf,
  readNumber,
  readRecord,
  WIDE_16,
  WIDE_32,
  WIDE_END,
  WIDE_END_SIGNATURE,
} from "./records.ts";
import type { ZipSource } from "./zip-source.ts";

/**
 * What a zip may grow to, and what becomes of links in it. What is above them is `InvalidZip`.
 *
 * @example
 * ```ts
 * const limits: Partial<ArtifactLimits> = { totalBytesMax: 400 * 1024 ** 2, symlinks: "skip" };
 * export const handler = defineJob({ limits, async run(job) {} });
 * ```
 */
export interface ArtifactLimits {
  /** Sum of the unpacked sizes. Unit: bytes. Default: 10 GiB. */
  readonly totalBytesMax: number;
  /** How many entries there are. Unit: entries. Default: 100,000, the most that CodePipeline allows in an artifact. */
  readonly entryCountMax: number;
  /** Unpacked over packed size of one entry of more than 8 MiB. Unit: none, it is a ratio. Default: 250. */
  readonly ratioMax: number;
  /** The most that `text` and `json` read at once. Unit: bytes. Default: 64 MiB. */
  readonly textBytesMax: number;
  /** Links are refused, or left out. Default: `refuse`. */
  readonly symlinks: "refuse" | "skip";
}

/** Source: reference of CodePipeline for the number of files, our choice for the rest. */
export const ARTIFACT_LIMITS: ArtifactLimits = {
  totalBytesMax: 10 * 1024 ** 3,
  entryCountMax: 100_000,
  ratioMax: 250,
  textBytesMax: 64 * 1024 ** 2,
  symlinks: "refuse",
};

/** Below this many unpacked bytes an entry's ratio does not matter: logs and zeroes compress well. */
const RATIO_FLOOR_BYTES = 8 * 1024 * 1024;

/** A directory is held in memory, so it may not be larger than this. */
const DIRECTORY_BYTES_MAX = 128 * 1024 * 1024;

const COMMENT_BYTES_MAX = 0xffff;

/** One entry of a zip, after all checks that the directory allows. */
export interface ZipEntry {
  /** Parts joined by `/`, no leading or trailing slash; empty for an entry that names the folder itself. */
  readonly path: string;
  readonly type: "file" | "directory" | "symlink";
  /** What its file gets: 0755 or 0644. */
  readonly mode: number;
  readonly isDeflated: boolean;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly crc32: number;
  readonly headerOffset: number;
  /** Where the next entry begins; this entry's data must end before it. */
  readonly endOffsetMax: number;
}

/**
 * The entries of a zip, in the order in which they lie in it, without links if those are to be left out.
 *
 * Errors: `InvalidZip`.
 */
export async function readDirectory(zip: ZipSource, limits: ArtifactLimits): Promise<readonly ZipEntry[]> {
  const { totalBytesMax, entryCountMax } = limits;
  const [entryCount, directoryBytes, directoryOffset] = await findEnd(zip);
  atMost(entryCountMax, entryCount, `${zip.label} has`, "entries");
  atMost(DIRECTORY_BYTES_MAX, directoryBytes, `${zip.label} has a directory of`);
  const records = await bytesIn(zip, directoryOffset, directoryOffset + directoryBytes);
  const entries: CheckedEntry[] = [];
  let at = 0;
  let totalBytes = 0;
  while (entries.length < entryCount) {
    const [entry, end] = readEntry(zip, records, at);
    at = end;
    totalBytes += entry.sizeBytes;
    checkRatio(entry, limits);
    atMost(totalBytesMax, totalBytes, `entry '${entry.path}' brings the unpacked size to`);
    entries.push(entry);
  }
  checkDuplicates(entries);
  const placed = withoutOverlap(entries, directoryOffset);
  return placed.filter(({ path, type }) => type !== "symlink" || !isRefused(path, limits));
}

function isRefused(path: string, { symlinks }: ArtifactLimits): true {
  if (symlinks === "skip") return true;
  throw badEntry("unsupported", path, "is a symbolic link, refused unless limits.symlinks is 'skip'");
}

function atMost(most: number, found: number, what: string, unit = "bytes"): void {
  if (found > most) throw new InvalidZip("tooLarge", `${what} ${found} ${unit}; at most ${most} are allowed`);
}

/** How many entries there are, the bytes of the directory, and where it begins. */
type DirectoryEnd = readonly [entryCount: number, directoryBytes: number, directoryOffset: number];

async function findEnd(zip: ZipSource): Promise<DirectoryEnd> {
  const endBytes = lengthOf(END);
  const tailStart = Math.max(0, zip.sizeBytes - endBytes - COMMENT_BYTES_MAX);
  const tail = await bytesIn(zip, tailStart, zip.sizeBytes);
  for (let at = tail.length - endBytes; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue;
    const [, , , count, bytes, offset, commentBytes] = readRecord(END, tail, at);
    if (at + endBytes + commentBytes !== tail.length) continue;
    const isWide = count === WIDE_16 || Math.max(bytes, offset) === WIDE_32;
    const end: DirectoryEnd = isWide ? await readWideEnd(zip, tailStart + at) : [count, bytes, offset];
    if (end[1] + end[2] > tailStart + at) throw damaged(zip);
    return end;
  }
  throw await notAZip(zip);
}

async function readWideEnd(zip: ZipSource, endOffset: number): Promise<DirectoryEnd> {
  const locatorStart = endOffset - lengthOf(LOCATOR);
  const wideEndBytes = lengthOf(WIDE_END);
  if (locatorStart < wideEndBytes) throw damaged(zip);
  const [locator, , place] = readRecord(LOCATOR, await bytesIn(zip, locatorStart, endOffset));
  if (locator !== LOCATOR_SIGNATURE || place + wideEndBytes > locatorStart) throw damaged(zip);
  const wideEnd = await bytesIn(zip, place, place + wideEndBytes);
  const [signature, , , , , , count, bytes, offset] = readRecord(WIDE_END, wideEnd);
  if (signature !== WIDE_END_SIGNATURE) throw damaged(zip);
  return [count, bytes, offset];
}

async function notAZip(zip: ZipSource): Promise<InvalidZip> {
  const start = (await bytesIn(zip, 0, Math.min(2, zip.sizeBytes))).toString("latin1");
  if (start === "PK") return damaged(zip);
  const gzip = start === "\x1f\x8b" ? " but gzip, perhaps a .tar.gz" : "";
  const what = start === "" ? ": it is empty" : `${gzip}; 'stream' gives its bytes`;
  return new InvalidZip("notAZip", `${zip.label} is no zip${what}`);
}

const bytesIn = (zip: ZipSource, start: number, end: number) => allOf(zip.stream(start, end));

/** An entry before it is known what follows it. */
type CheckedEntry = Omit<ZipEntry, "endOffsetMax">;

/** The entry of the record at a place, and where that record ends. */
function readEntry(zip: ZipSource, records: Buffer, at: number): [entry: CheckedEntry, end: number] {
  const nameStart = at + lengthOf(DIRECTORY_RECORD);
  if (nameStart > records.length) throw damaged(zip);
  const [
    signature,
    madeBy,
    ,
    flags,
    method,
    ,
    crc32,
    packed,
    size,
    nameBytes,
    extraBytes,
    commentBytes,
    ,
    attributes,
    offset,
  ] = readRecord(DIRECTORY_RECORD, records, at);
  const nameEnd = nameStart + nameBytes;
  const extraEnd = nameEnd + extraBytes;
  const end = extraEnd + commentBytes;
  if (signature !== DIRECTORY_SIGNATURE || end > records.length) throw damaged(zip);
  const name = records.toString("utf8", nameStart, nameEnd);
  if (flags & 1) throw badEntry("unsupported", name, "is encrypted");
  if (method !== 0 && method !== 8) {
    throw badEntry("unsupported", name, `uses compression method ${method}, not stored or deflate`);
  }
  const extra = records.subarray(nameEnd, extraEnd);
  const [sizeBytes = 0, packedBytes = 0, headerOffset = 0] = wideNumbers([size, packed, offset], extra, name);
  const noted = unixMode(madeBy, attributes);
  const mode = noted & 0o111 ? 0o755 : 0o644;
  const path = entryPath(name);
  const type = typeOf(name, noted);
  return [{ path, type, mode, isDeflated: method !== 0, packedBytes, sizeBytes, crc32, headerOffset }, end];
}

/** Numbers that do not fit 32 bits stand, in this order, in an extra field. */
function wideNumbers(narrow: readonly number[], extra: Buffer, name: string): readonly number[] {
  if (!narrow.includes(WIDE_32)) return narrow;
  let at = 0;
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== 1) at += 4 + extra.readUInt16LE(at + 2);
  at += 4;
  return narrow.map((number) => {
    if (number !== WIDE_32) return number;
    if (at + 8 > extra.length) throw badEntry("corrupt", name, "lacks its size");
    at += 8;
    return readNumber(extra, at - 8, 8);
  });
}

/** The high byte of "version made by" names the system: 3 is Unix, 19 is macOS; only those note a mode. */
function unixMode(madeBy: number, attributes: number): number {
  const system = madeBy >>> 8;
  return system === 3 || system === 19 ? attributes >>> 16 : 0;
}

function typeOf(name: string, mode: number): ZipEntry["type"] {
  const kind = mode & 0o170000;
  if (kind === 0o120000) return "symlink";
  if (name.endsWith("/") || kind === 0o040000) return "directory";
  if (kind === 0 || kind === 0o100000) return "file";
  throw badEntry("unsupported", name, "is neither a file nor a folder");
}

function checkRatio({ path, sizeBytes, packedBytes }: CheckedEntry, { ratioMax }: ArtifactLimits): void {
  if (sizeBytes <= RATIO_FLOOR_BYTES || sizeBytes <= packedBytes * ratioMax) return;
  const what = `would unpack from ${packedBytes} to ${sizeBytes} bytes; more than ${ratioMax} to 1 is a bomb`;
  throw badEntry("tooLarge", path, what);
}

/** Refuses two entries of one name, and entries inside what is itself a file or a link. Folders may repeat. */
function checkDuplicates(entries: readonly CheckedEntry[]): void {
  const types = new Map<string, ZipEntry["type"]>();
  for (const { path, type } of entries) {
    const before = types.get(path);
    if (before && (before !== "directory" || type !== before)) throw badEntry("duplicate", path, "is in the zip twice");
    types.set(path, type);
  }
  for (const { path } of entries) checkParents(path, types);
}

/** Notes the folders above a path as such. Where one is noted, what is above it was, or will be, looked at. */
function checkParents(path: string, types: Map<string, ZipEntry["type"]>): void {
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    const parent = path.slice(0, slash);
    const type = types.get(parent);
    if (type === "directory") return;
    if (type) {
      throw badEntry(type === "symlink" ? "escapes" : "duplicate", path, `lies in '${parent}', which is a ${type}`);
    }
    types.set(parent, "directory");
  }
}

/** Data that several entries share is how a small zip claims petabytes. */
function withoutOverlap(entries: readonly CheckedEntry[], directoryOffset: number): readonly ZipEntry[] {
  const sorted = [...entries].sort((a, b) => a.headerOffset - b.headerOffset);
  return sorted.map((entry, index) => {
    const endOffsetMax = sorted[index + 1]?.headerOffset ?? directoryOffset;
    const { path, headerOffset, packedBytes } = entry;
    if (headerOffset + lengthOf(LOCAL_HEADER) + packedBytes > endOffsetMax) throw overlaps(path);
    return { ...entry, endOffsetMax };
  });
}

/** An entry whose data goes on where something else begins. */
export const overlaps = (path: string) => badEntry("overlap", path, "overlaps what follows it");

const damaged = ({ label }: ZipSource) =>
  new InvalidZip("corrupt", `${label} is a damaged zip: its directory is missing or wrong`);
