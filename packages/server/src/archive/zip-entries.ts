import type { Entry, ZipFile } from "yauzl";
import { safeEntryPath } from "./entry-name.ts";
import { InvalidZip } from "./invalid-zip.ts";
import type { ZipSource } from "./zip-source.ts";

/** What a zip may grow to. All are checked before anything is written. */
export interface ZipLimits {
  /** Sum of the unpacked sizes. */
  readonly totalBytesMax: number;
  readonly entryCountMax: number;
  /** Unpacked over packed size of one entry; entries below `RATIO_FLOOR_BYTES` are never refused for it. */
  readonly ratioMax: number;
}

/**
 * Limits for artifacts. Deflate cannot gain more than 1032 to 1, and real files beyond 250 to 1 are rare.
 *
 * Source: our choice; CodePipeline names no limit for what an artifact unpacks to.
 */
export const ARTIFACT_ZIP_LIMITS: ZipLimits = {
  totalBytesMax: 10 * 1024 ** 3,
  entryCountMax: 500_000,
  ratioMax: 250,
};

/** Below this many unpacked bytes an entry's ratio does not matter: logs and zeroes compress well. */
const RATIO_FLOOR_BYTES = 8 * 1024 * 1024;

/** One entry of a zip, after all checks that its directory allows. */
export interface ZipEntry {
  /** Parts joined by `/`, no leading or trailing slash; empty for an entry that names the folder itself. */
  readonly path: string;
  readonly type: "file" | "directory" | "symlink";
  /** 0o755 for an executable file, else 0o644. */
  readonly mode: number;
  readonly method: "stored" | "deflated";
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly crc32: number;
  readonly headerOffset: number;
  /** Where the next entry begins; this entry's data must end before it. */
  readonly endOffsetMax: number;
}

/**
 * Reads a zip's directory and checks it: names, types, sizes, counts, duplicates, overlaps.
 *
 * Errors: `InvalidZip`. Answers the entries in the order in which they lie in the zip.
 */
export async function readZipEntries(
  zip: ZipSource,
  targetDir: string,
  limits: ZipLimits,
): Promise<readonly ZipEntry[]> {
  const found: CheckedEntry[] = [];
  let totalBytes = 0;
  for (const entry of await readDirectory(zip, limits)) {
    const read = toZipEntry(entry, targetDir);
    totalBytes += read.sizeBytes;
    checkSizes(read, totalBytes, limits);
    found.push(read);
  }
  checkDuplicates(found);
  return withoutOverlap(found, zip);
}

/** An entry before it is known what follows it. */
type CheckedEntry = Omit<ZipEntry, "endOffsetMax">;

interface DirectoryEntry {
  readonly name: string;
  readonly entry: Entry;
}

async function readDirectory(zip: ZipSource, limits: ZipLimits): Promise<readonly DirectoryEntry[]> {
  const yauzl = (await import("yauzl")).default;
  const file = await openDirectory(zip);
  if (file.entryCount > limits.entryCountMax) {
    throw tooLarge(`${zip.label} has ${file.entryCount} entries; at most ${limits.entryCountMax} are allowed`);
  }
  const entries: DirectoryEntry[] = [];
  try {
    for await (const entry of file.eachEntry()) {
      // Strict, so that a backslash stays one and is refused by name.
      const name = yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
      entries.push({ name, entry });
    }
  } catch (cause) {
    const after = entries.at(-1);
    const where = after ? ` after entry '${after.name}'` : "";
    throw new InvalidZip("corrupt", `${zip.label} has a damaged directory${where}: ${messageOf(cause)}`, { cause });
  }
  return entries;
}

async function openDirectory(zip: ZipSource): Promise<ZipFile> {
  const yauzl = (await import("yauzl")).default;
  class Reader extends yauzl.RandomAccessReader {
    override read(
      target: Buffer,
      offset: number,
      length: number,
      position: number,
      done: (error: Error | null) => void,
    ) {
      const bytes = position + length <= zip.sizeBytes ? zip.read(position, length) : Buffer.alloc(0);
      bytes.copy(target, offset);
      done(bytes.length === length ? null : new Error("it ends in the middle of the directory"));
    }
  }
  try {
    const options = { autoClose: false, decodeStrings: false };
    return await yauzl.fromRandomAccessReaderPromise(new Reader(), zip.sizeBytes, options);
  } catch (cause) {
    throw notAZip(zip, cause);
  }
}

const KNOWN_STARTS: readonly (readonly [hex: string, what: string])[] = [
  ["1f8b", "a gzip file, perhaps a .tar.gz"],
  ["425a68", "a bzip2 file"],
  ["fd377a585a00", "an xz file"],
  ["28b52ffd", "a zstd file"],
  ["377abcaf271c", "a 7z file"],
  ["526172211a07", "a rar file"],
];

function notAZip(zip: ZipSource, cause: unknown): InvalidZip {
  const start = Buffer.from(zip.read(0, 16));
  if (start.length === 0) return new InvalidZip("notAZip", `${zip.label} is not a zip: it is empty`, { cause });
  if (start.toString("latin1").startsWith("PK")) {
    return new InvalidZip("truncated", `${zip.label} is a damaged zip: ${directoryFault(cause)}`, { cause });
  }
  const hex = start.toString("hex");
  const known = KNOWN_STARTS.find(([prefix]) => hex.startsWith(prefix));
  const printable = /^[\t\n\r\x20-\x7e]+$/.test(start.toString("latin1"));
  const shown = printable ? JSON.stringify(start.toString("latin1")) : hex.replace(/..(?=.)/g, "$& ");
  const what = known ? ` (${known[1]})` : "";
  return new InvalidZip("notAZip", `${zip.label} is not a zip: it starts with ${shown}${what}`, { cause });
}

function directoryFault(cause: unknown): string {
  const message = messageOf(cause);
  return message.startsWith("End of central directory record signature not found")
    ? "its directory is missing, so the file was cut off"
    : message;
}

const FILE_TYPES: ReadonlyMap<number, ZipEntry["type"]> = new Map([
  [0o000000, "file"], // no type noted, as by tools that are not from Unix
  [0o100000, "file"],
  [0o040000, "directory"],
  [0o120000, "symlink"],
]);

function toZipEntry({ name, entry }: DirectoryEntry, targetDir: string): CheckedEntry {
  const path = safeEntryPath(name, targetDir);
  if (entry.isEncrypted()) throw unsupported(name, "is encrypted; encrypted zips cannot be unpacked");
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    throw unsupported(
      name,
      `uses compression method ${entry.compressionMethod}; only stored (0) and deflate (8) can be unpacked`,
    );
  }
  const unixMode = unixModeOf(entry);
  const type = name.endsWith("/") ? "directory" : FILE_TYPES.get(unixMode & 0o170000);
  if (type === undefined) throw unsupported(name, "is neither a file, nor a folder, nor a symbolic link");
  return {
    path,
    type,
    mode: unixMode & 0o111 ? 0o755 : 0o644,
    method: entry.compressionMethod === 0 ? "stored" : "deflated",
    packedBytes: entry.compressedSize,
    sizeBytes: entry.uncompressedSize,
    crc32: entry.crc32,
    headerOffset: entry.relativeOffsetOfLocalHeader,
  };
}

/** The high byte of "version made by" names the system: 3 is Unix, 19 is macOS; only those note a mode. */
function unixModeOf(entry: Entry): number {
  const system = entry.versionMadeBy >>> 8;
  return system === 3 || system === 19 ? entry.externalFileAttributes >>> 16 : 0;
}

function checkSizes(entry: CheckedEntry, totalBytes: number, limits: ZipLimits): void {
  const { path, sizeBytes, packedBytes } = entry;
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
      throw new InvalidZip("duplicate", `entry '${path}' is in the zip twice; which one counts is not defined`);
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
    if (type === "symlink") {
      throw new InvalidZip("escapes", `entry '${path}' would be written through '${parent}', which is a symbolic link`);
    }
    if (type === "file") {
      throw new InvalidZip("duplicate", `entry '${path}' lies in '${parent}', which is a file in the same zip`);
    }
    known.add(parent);
  }
}

/** Bytes of a local header without its name and extra fields. */
export const LOCAL_HEADER_BYTES = 30;

/**
 * Sorts entries by their place and says where each must end. Data that is shared by several entries is how a
 * small zip claims petabytes. The exact end is only known from the local header, so unpacking looks again.
 */
function withoutOverlap(entries: readonly CheckedEntry[], zip: ZipSource): readonly ZipEntry[] {
  const sorted = entries.toSorted((a, b) => a.headerOffset - b.headerOffset);
  return sorted.map((entry, index) => {
    const next = sorted[index + 1];
    const endOffsetMax = next?.headerOffset ?? zip.sizeBytes;
    if (entry.headerOffset + LOCAL_HEADER_BYTES + entry.packedBytes > endOffsetMax) {
      throw next ? overlaps(entry.path, next.path) : cutOff(entry.path);
    }
    return { ...entry, endOffsetMax };
  });
}

export const overlaps = (path: string, next: string | undefined) =>
  new InvalidZip("overlap", `entry '${path}' overlaps ${next === undefined ? "what follows it" : `entry '${next}'`}`);

const cutOff = (path: string) => new InvalidZip("truncated", `entry '${path}' goes on after the end of the zip`);
const tooLarge = (message: string) => new InvalidZip("tooLarge", message);
const unsupported = (name: string, what: string) => new InvalidZip("unsupported", `entry '${name}' ${what}`);
const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));
