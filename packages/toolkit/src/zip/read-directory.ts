/*
 * Reads the directory at the end of a zip, and refuses the zip by it: before any byte of an entry is read, names,
 * types, sizes, counts, duplicates and overlaps are known to be fine.
 *
 * Source: PKWARE APPNOTE.TXT 6.3.10, §4.3.
 */

import { entryPath } from "./entry-name.ts";
import { InvalidZip } from "./invalid-zip.ts";
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

const END_BYTES = 22;
const COMMENT_BYTES_MAX = 0xffff;
const LOCATOR_BYTES = 20;
const WIDE_END_BYTES = 56;
const RECORD_BYTES = 46;
export const LOCAL_HEADER_BYTES = 30;

/** One entry of a zip, after all checks that the directory allows. */
export interface ZipEntry {
  /** Parts joined by `/`, no leading or trailing slash; empty for an entry that names the folder itself. */
  readonly path: string;
  readonly type: "file" | "directory" | "symlink";
  readonly isExecutable: boolean;
  readonly method: "stored" | "deflated";
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
  const end = await findEnd(zip);
  if (end.entryCount > limits.entryCountMax) {
    throw tooLarge(`${zip.label} has ${end.entryCount} entries; at most ${limits.entryCountMax} are allowed`);
  }
  if (end.directoryBytes > DIRECTORY_BYTES_MAX) {
    throw tooLarge(
      `${zip.label} has a directory of ${end.directoryBytes} bytes; at most ${DIRECTORY_BYTES_MAX} are read`,
    );
  }
  const records = await zip.read(end.directoryOffset, end.directoryOffset + end.directoryBytes);
  const entries: CheckedEntry[] = [];
  let at = 0;
  let totalBytes = 0;
  for (let count = 0; count < end.entryCount; count += 1) {
    const { entry, lengthBytes } = readRecord(records, at, zip.label);
    at += lengthBytes;
    totalBytes += entry.sizeBytes;
    checkSizes(entry, totalBytes, limits);
    entries.push(entry);
  }
  checkDuplicates(entries);
  const placed = withoutOverlap(entries, end.directoryOffset);
  return placed.filter(({ path, type }) => type !== "symlink" || !isRefused(path, limits));
}

function isRefused(path: string, { symlinks }: ArtifactLimits): true {
  if (symlinks === "skip") return true;
  throw new InvalidZip(
    "unsupported",
    `entry '${path}' is a symbolic link; links are refused unless limits.symlinks is 'skip'`,
  );
}

interface DirectoryEnd {
  readonly entryCount: number;
  readonly directoryOffset: number;
  readonly directoryBytes: number;
}

async function findEnd(zip: ZipSource): Promise<DirectoryEnd> {
  const tailStart = Math.max(0, zip.sizeBytes - END_BYTES - COMMENT_BYTES_MAX);
  const tail = await zip.read(tailStart, zip.sizeBytes);
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== 0x06054b50) continue;
    if (at + END_BYTES + tail.readUInt16LE(at + 20) !== tail.length) continue;
    const narrow = {
      entryCount: tail.readUInt16LE(at + 10),
      directoryBytes: tail.readUInt32LE(at + 12),
      directoryOffset: tail.readUInt32LE(at + 16),
    };
    const isWide =
      narrow.entryCount === 0xffff || Math.max(narrow.directoryBytes, narrow.directoryOffset) === 0xffffffff;
    const end = isWide ? await readWideEnd(zip, tailStart + at) : narrow;
    if (end.directoryOffset + end.directoryBytes > tailStart + at)
      throw corrupt(`${zip.label} has a damaged directory`);
    return end;
  }
  throw await notAZip(zip);
}

async function readWideEnd(zip: ZipSource, endOffset: number): Promise<DirectoryEnd> {
  const locatorStart = endOffset - LOCATOR_BYTES;
  if (locatorStart < WIDE_END_BYTES) throw corrupt(`${zip.label} has a damaged directory`);
  const locator = await zip.read(locatorStart, endOffset);
  const start = locator.readUInt32LE(0) === 0x07064b50 ? wide(locator, 8) : Number.NaN;
  if (!(start + WIDE_END_BYTES <= locatorStart)) throw corrupt(`${zip.label} has a damaged directory`);
  const end = await zip.read(start, start + WIDE_END_BYTES);
  if (end.readUInt32LE(0) !== 0x06064b50) throw corrupt(`${zip.label} has a damaged directory`);
  return { entryCount: wide(end, 32), directoryBytes: wide(end, 40), directoryOffset: wide(end, 48) };
}

async function notAZip(zip: ZipSource): Promise<InvalidZip> {
  if (zip.sizeBytes === 0) return new InvalidZip("notAZip", `${zip.label} is not a zip: it is empty`);
  const start = await zip.read(0, Math.min(2, zip.sizeBytes));
  if (start.toString("latin1") === "PK") return corrupt(`${zip.label} is a damaged zip: its directory is missing`);
  const gzip = start.readUInt8(0) === 0x1f && start.at(1) === 0x8b ? "; it is a gzip file, perhaps a .tar.gz" : "";
  return new InvalidZip("notAZip", `${zip.label} is not a zip${gzip}; 'stream' gives its bytes as they are`);
}

/** An entry before it is known what follows it. */
type CheckedEntry = Omit<ZipEntry, "endOffsetMax">;

function readRecord(records: Buffer, at: number, label: string): { entry: CheckedEntry; lengthBytes: number } {
  const isWhole = at + RECORD_BYTES <= records.length && records.readUInt32LE(at) === 0x02014b50;
  if (!isWhole) throw corrupt(`${label} has a damaged directory`);
  const nameEnd = at + RECORD_BYTES + records.readUInt16LE(at + 28);
  const extraEnd = nameEnd + records.readUInt16LE(at + 30);
  const recordEnd = extraEnd + records.readUInt16LE(at + 32);
  if (recordEnd > records.length) throw corrupt(`${label} has a damaged directory`);
  const name = records.toString("utf8", at + RECORD_BYTES, nameEnd);
  const method = records.readUInt16LE(at + 10);
  if (records.readUInt16LE(at + 8) & 1) throw unsupported(name, "is encrypted");
  if (method !== 0 && method !== 8) throw unsupported(name, `uses compression method ${method}, not stored or deflate`);
  const [sizeBytes = 0, packedBytes = 0, headerOffset = 0] = wideNumbers(
    [records.readUInt32LE(at + 24), records.readUInt32LE(at + 20), records.readUInt32LE(at + 42)],
    records.subarray(nameEnd, extraEnd),
    name,
  );
  const mode = unixMode(records.readUInt16LE(at + 4), records.readUInt32LE(at + 38));
  const entry: CheckedEntry = {
    path: entryPath(name),
    type: typeOf(name, mode),
    isExecutable: (mode & 0o111) !== 0,
    method: method === 0 ? "stored" : "deflated",
    packedBytes,
    sizeBytes,
    crc32: records.readUInt32LE(at + 16),
    headerOffset,
  };
  return { entry, lengthBytes: recordEnd - at };
}

/** Numbers that do not fit 32 bits stand, in this order, in an extra field. */
function wideNumbers(narrow: readonly number[], extra: Buffer, name: string): readonly number[] {
  if (!narrow.includes(0xffffffff)) return narrow;
  let at = wideFieldStart(extra, name);
  return narrow.map((number) => {
    if (number !== 0xffffffff) return number;
    if (at + 8 > extra.length) throw corrupt(`entry '${name}' lacks its size`);
    at += 8;
    return wide(extra, at - 8);
  });
}

function wideFieldStart(extra: Buffer, name: string): number {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === 1) return at + 4;
  }
  throw corrupt(`entry '${name}' lacks its size`);
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
  throw unsupported(name, "is neither a file nor a folder");
}

function checkSizes({ path, sizeBytes, packedBytes }: CheckedEntry, totalBytes: number, limits: ArtifactLimits): void {
  if (sizeBytes > RATIO_FLOOR_BYTES && sizeBytes > packedBytes * limits.ratioMax) {
    throw tooLarge(
      `entry '${path}' would unpack from ${packedBytes} to ${sizeBytes} bytes; more than ${limits.ratioMax} to 1 is taken for a zip bomb`,
    );
  }
  if (totalBytes > limits.totalBytesMax) {
    throw tooLarge(
      `entry '${path}' brings the unpacked size above ${limits.totalBytesMax} bytes, the most that is allowed`,
    );
  }
}

/** Refuses two entries of one name, and entries inside what is itself a file or a link. Folders may repeat. */
function checkDuplicates(entries: readonly CheckedEntry[]): void {
  const types = new Map<string, ZipEntry["type"]>();
  for (const { path, type } of entries) {
    const before = types.get(path);
    if (before !== undefined && !(before === "directory" && type === "directory")) {
      throw new InvalidZip("duplicate", `entry '${path}' is in the zip twice`);
    }
    types.set(path, type);
  }
  const known = new Set<string>();
  for (const { path } of entries) checkParents(path, types, known);
}

function checkParents(path: string, types: ReadonlyMap<string, ZipEntry["type"]>, known: Set<string>): void {
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    const parent = path.slice(0, slash);
    if (known.has(parent)) return;
    const type = types.get(parent) ?? "directory";
    if (type !== "directory") {
      throw new InvalidZip(
        type === "symlink" ? "escapes" : "duplicate",
        `entry '${path}' lies in '${parent}', which is a ${type}`,
      );
    }
    known.add(parent);
  }
}

/** Data that several entries share is how a small zip claims petabytes. */
function withoutOverlap(entries: readonly CheckedEntry[], directoryOffset: number): readonly ZipEntry[] {
  const sorted = [...entries].sort((a, b) => a.headerOffset - b.headerOffset);
  return sorted.map((entry, index) => {
    const endOffsetMax = sorted[index + 1]?.headerOffset ?? directoryOffset;
    if (entry.headerOffset + LOCAL_HEADER_BYTES + entry.packedBytes > endOffsetMax) throw overlaps(entry.path);
    return { ...entry, endOffsetMax };
  });
}

/** An entry whose data goes on where something else begins. */
export const overlaps = (path: string) => new InvalidZip("overlap", `entry '${path}' overlaps what follows it`);

const wide = (from: Buffer, at: number) => Number(from.readBigUInt64LE(at));
const corrupt = (message: string) => new InvalidZip("corrupt", message);
const tooLarge = (message: string) => new InvalidZip("tooLarge", message);
const unsupported = (name: string, what: string) => new InvalidZip("unsupported", `entry '${name}' ${what}`);
