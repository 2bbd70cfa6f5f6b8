/*
 * Reads the directory at the end of a zip, and refuses the zip by it: before any byte of an entry is read, names,
 * types, sizes, counts, duplicates and overlaps are known to be fine.
 *
 * Source: PKWARE APPNOTE.TXT 6.3.10, §4.3.
 */

import { allOf } from "../all-of.ts";
import { DIRECTORY_BYTES_MAX, END_BYTES_MAX, RATIO_FLOOR_BYTES } from "../limits.ts";
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
  readRecord,
  readWide,
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

/** One entry of a zip, after all checks that the directory allows. Its numbers are bytes, but for `mode` and `crc`. */
export interface ZipEntry {
  /** Parts joined by `/`, no leading or trailing slash; empty for an entry that names the folder itself. */
  readonly path: string;
  readonly type: "file" | "folder" | "link";
  /** What its file gets: 0755 or 0644. */
  readonly mode: number;
  /** Whether its bytes are deflated. */
  readonly deflated: boolean;
  readonly packed: number;
  readonly size: number;
  readonly crc: number;
  /** Where its header begins. */
  readonly start: number;
  /** Where the next entry begins; this entry's data must end before it. */
  readonly end: number;
}

/**
 * The entries of a zip, in the order in which they lie in it, without links if those are to be left out.
 *
 * Errors: `InvalidZip`.
 */
export async function readDirectory(zip: ZipSource, limits: ArtifactLimits): Promise<readonly ZipEntry[]> {
  const [count, bytes, offset] = await findEnd(zip);
  atMost(limits.entryCountMax, count, `${zip.label} has ${count} entries`);
  const records = await bytesIn(zip, offset, offset + bytes);
  const types = new Map<string, ZipEntry["type"]>();
  const entries: { -readonly [Key in keyof ZipEntry]: ZipEntry[Key] }[] = [];
  let at = 0;
  let total = 0;
  while (entries.length < count) {
    const [entry, end] = readEntry(zip, records, at);
    const { path, type, size, packed } = entry;
    at = end;
    total += size;
    if (size > RATIO_FLOOR_BYTES && size > packed * limits.ratioMax) {
      const what = `would unpack from ${packed} to ${size} bytes; more than ${limits.ratioMax} to 1 is a bomb`;
      throw badEntry("tooLarge", path, what);
    }
    atMost(limits.totalBytesMax, total, `entry '${path}' brings the unpacked size to ${total} bytes`);
    if (type === "link" && limits.symlinks !== "skip") {
      throw badEntry("unsupported", path, "is a symbolic link, refused unless limits.symlinks is 'skip'");
    }
    note(path, type, types);
    entries.push(entry);
  }
  // Data that several entries share is how a small zip claims petabytes.
  entries.sort((a, b) => a.start - b.start);
  for (const [index, entry] of entries.entries()) {
    entry.end = entries[index + 1]?.start ?? offset;
    if (entry.start + lengthOf(LOCAL_HEADER) + entry.packed > entry.end) {
      throw badEntry("overlap", entry.path, "overlaps what follows it");
    }
  }
  return entries.filter(({ type }) => type !== "link");
}

function atMost(most: number, found: number, what: string): void {
  if (found > most) throw new InvalidZip("tooLarge", `${what}; at most ${most} are allowed`);
}

/** Notes what a path is, and what is above it as folders. Only a folder may come again. */
function note(path: string, type: ZipEntry["type"], types: Map<string, ZipEntry["type"]>): void {
  const before = types.get(path);
  if (before && (before !== "folder" || type !== before)) {
    throw badEntry("duplicate", path, `is in the zip twice, as a ${before} and as a ${type}`);
  }
  types.set(path, type);
  const slash = path.lastIndexOf("/");
  if (!before && slash > 0) note(path.slice(0, slash), "folder", types);
}

/** How many entries there are, the bytes of the directory, and where it begins. */
type DirectoryEnd = readonly [count: number, bytes: number, offset: number];

async function findEnd(zip: ZipSource): Promise<DirectoryEnd> {
  const endBytes = lengthOf(END);
  const tailStart = Math.max(0, zip.size - END_BYTES_MAX);
  const tail = await bytesIn(zip, tailStart, zip.size);
  for (let at = tail.length - endBytes; at >= 0; at -= 1) {
    const [signature, , , count, bytes, offset, commentBytes] = readRecord(END, tail, at);
    if (signature !== END_SIGNATURE || at + endBytes + commentBytes !== tail.length) continue;
    // The wide form, where there is one, says the same, and more.
    const [locator, , place = 0] = at < lengthOf(LOCATOR) ? [] : readRecord(LOCATOR, tail, at - lengthOf(LOCATOR));
    return locator === LOCATOR_SIGNATURE ? await readWideEnd(zip, place) : [count, bytes, offset];
  }
  throw await notAZip(zip);
}

async function readWideEnd(zip: ZipSource, at: number): Promise<DirectoryEnd> {
  const wideEnd = readRecord(WIDE_END, await bytesIn(zip, at, at + lengthOf(WIDE_END)));
  const [signature, , , , , , count, bytes, offset] = wideEnd;
  if (signature !== WIDE_END_SIGNATURE) throw damaged(zip);
  return [count, bytes, offset];
}

async function notAZip(zip: ZipSource): Promise<InvalidZip> {
  const start = (await allOf(zip.stream(0, 2))).toString("latin1");
  if (start === "PK") return damaged(zip);
  const gzip = start === "\x1f\x8b" ? " but gzip, perhaps a .tar.gz" : "";
  const what = start === "" ? ": it is empty" : `${gzip}; 'stream' gives its bytes`;
  return new InvalidZip("notAZip", `${zip.label} is no zip${what}`);
}

/** Errors: `InvalidZip` for a place that is not inside the zip. */
async function bytesIn(zip: ZipSource, start: number, end: number): Promise<Buffer> {
  if (start < 0 || start > end || end > zip.size) throw damaged(zip);
  return await allOf(zip.stream(start, end), DIRECTORY_BYTES_MAX);
}

/** The entry of the record at a place, before it is known what follows it, and where that record ends. */
function readEntry(zip: ZipSource, records: Buffer, at: number): [entry: ZipEntry, end: number] {
  const nameStart = at + lengthOf(DIRECTORY_RECORD);
  if (nameStart > records.length) throw damaged(zip);
  const [
    signature,
    madeBy,
    ,
    flags,
    method,
    ,
    crc,
    packed32,
    size32,
    nameBytes,
    extraBytes,
    commentBytes,
    ,
    attributes,
    start32,
  ] = readRecord(DIRECTORY_RECORD, records, at);
  const nameEnd = nameStart + nameBytes;
  const extraEnd = nameEnd + extraBytes;
  const end = extraEnd + commentBytes;
  if (signature !== DIRECTORY_SIGNATURE || end > records.length) throw damaged(zip);
  const name = records.toString("utf8", nameStart, nameEnd);
  const path = entryPath(name);
  // The high byte of "version made by" names the system: 3 is Unix, 19 is macOS; only those note a mode.
  const noted = [3, 19].includes(madeBy >>> 8) ? attributes >>> 16 : 0;
  const kind = noted >>> 12;
  const type = kind === 0o12 ? "link" : name.endsWith("/") || kind === 4 ? "folder" : "file";
  const unsupported =
    (flags & 1 && "is encrypted") ||
    (method !== 0 && method !== 8 && `uses compression method ${method}, not stored or deflate`) ||
    (type === "file" && kind !== 0 && kind !== 0o10 && "is neither a file nor a folder");
  if (unsupported) throw badEntry("unsupported", name, unsupported);
  const extra = records.subarray(nameEnd, extraEnd);
  const [size, packed, start] = wideNumbers([size32, packed32, start32], extra, name);
  const mode = noted & 0o111 ? 0o755 : 0o644;
  return [{ path, type, mode, deflated: method !== 0, packed, size, crc, start, end: 0 }, end];
}

type Three = readonly [size: number, packed: number, start: number];

/** Numbers that do not fit 32 bits stand, in this order, in an extra field. */
function wideNumbers(narrow: Three, extra: Buffer, name: string): Three {
  if (!narrow.includes(WIDE_32)) return narrow;
  let at = 0;
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== 1) at += 4 + extra.readUInt16LE(at + 2);
  at += 4;
  return narrow.map((number) => {
    if (number !== WIDE_32) return number;
    at += 8;
    if (at > extra.length) throw badEntry("corrupt", name, "lacks its size");
    return readWide(extra, at - 8);
  }) as unknown as Three; // one for each
}

const damaged = ({ label }: ZipSource) =>
  new InvalidZip("corrupt", `${label} is a damaged zip: its directory is missing or wrong`);
