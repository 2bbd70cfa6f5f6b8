/*
 * Reads the directory at the end of a zip, and refuses the zip by it: before any byte of an entry is read, names,
 * types, sizes, counts, duplicates and overlaps are known to be fine.
 *
 * Source: PKWARE APPNOTE.TXT 6.3.10, §4.3.
 */

import { entryPath } from "./entry-name.ts";
import { InvalidZip } from "./invalid-zip.ts";
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
const LOCAL_HEADER_BYTES = lengthOf(LOCAL_HEADER);
const RECORD_BYTES = lengthOf(DIRECTORY_RECORD);
const END_BYTES = lengthOf(END);

/** One entry of a zip, after all checks that the directory allows. */
export interface ZipEntry {
  /** Parts joined by `/`, no leading or trailing slash; empty for an entry that names the folder itself. */
  readonly path: string;
  readonly type: "file" | "directory" | "symlink";
  readonly isExecutable: boolean;
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
    const { entry, lengthBytes } = readEntry(zip, records, at);
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
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue;
    const narrow = readRecord(END, tail, at);
    if (at + END_BYTES + narrow.commentBytes !== tail.length) continue;
    const isWide =
      narrow.entryCount === 0xffff || Math.max(narrow.directoryBytes, narrow.directoryOffset) === 0xffffffff;
    const end = isWide ? await readWideEnd(zip, tailStart + at) : narrow;
    if (end.directoryOffset + end.directoryBytes > tailStart + at) throw damaged(zip);
    return end;
  }
  throw await notAZip(zip);
}

async function readWideEnd(zip: ZipSource, endOffset: number): Promise<DirectoryEnd> {
  const locatorStart = endOffset - lengthOf(LOCATOR);
  const wideEndBytes = lengthOf(WIDE_END);
  if (locatorStart < wideEndBytes) throw damaged(zip);
  const { signature, headerOffset } = readRecord(LOCATOR, await zip.read(locatorStart, endOffset));
  const isPlaced = signature === LOCATOR_SIGNATURE && headerOffset + wideEndBytes <= locatorStart;
  if (!isPlaced) throw damaged(zip);
  const end = readRecord(WIDE_END, await zip.read(headerOffset, headerOffset + wideEndBytes));
  if (end.signature !== WIDE_END_SIGNATURE) throw damaged(zip);
  return end;
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

function readEntry(zip: ZipSource, records: Buffer, at: number): { entry: CheckedEntry; lengthBytes: number } {
  if (at + RECORD_BYTES > records.length) throw damaged(zip);
  const { signature, madeBy, flags, method, attributes, ...numbers } = readRecord(DIRECTORY_RECORD, records, at);
  const nameEnd = at + RECORD_BYTES + numbers.nameBytes;
  const extraEnd = nameEnd + numbers.extraBytes;
  const recordEnd = extraEnd + numbers.commentBytes;
  if (signature !== DIRECTORY_SIGNATURE || recordEnd > records.length) throw damaged(zip);
  const name = records.toString("utf8", at + RECORD_BYTES, nameEnd);
  if (flags & 1) throw unsupported(name, "is encrypted");
  if (method !== 0 && method !== 8) throw unsupported(name, `uses compression method ${method}, not stored or deflate`);
  const [sizeBytes = 0, packedBytes = 0, headerOffset = 0] = wideNumbers(
    [numbers.sizeBytes, numbers.packedBytes, numbers.headerOffset],
    records.subarray(nameEnd, extraEnd),
    name,
  );
  const mode = unixMode(madeBy, attributes);
  const entry: CheckedEntry = {
    path: entryPath(name),
    type: typeOf(name, mode),
    isExecutable: (mode & 0o111) !== 0,
    isDeflated: method !== 0,
    packedBytes,
    sizeBytes,
    crc32: numbers.crc32,
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
    return readNumber(extra, at - 8, 8);
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

const damaged = ({ label }: ZipSource) => corrupt(`${label} has a damaged directory`);
const corrupt = (message: string) => new InvalidZip("corrupt", message);
const tooLarge = (message: string) => new InvalidZip("tooLarge", message);
const unsupported = (name: string, what: string) => new InvalidZip("unsupported", `entry '${name}' ${what}`);
