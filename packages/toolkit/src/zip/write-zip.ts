/*
 * Writes a zip as a stream into a sink. Equal files give equal bytes: times are fixed, modes are 0644 or 0755.
 *
 * What is small enough is deflated at once, with its sizes in front; a stream has them behind (a data descriptor). The
 * directory at the end takes the wide form (ZIP64) where numbers need it; one entry has at most 4 GiB.
 * Source: PKWARE APPNOTE.TXT 6.3.10, §4.3.
 */

import { pipeline, Readable } from "node:stream";
import { crc32, createDeflateRaw, deflateRawSync } from "node:zlib";
import { entryPath } from "./entry-name.ts";
import { InvalidZip } from "./invalid-zip.ts";
import {
  DESCRIPTOR,
  DESCRIPTOR_SIGNATURE,
  DIRECTORY_RECORD,
  DIRECTORY_SIGNATURE,
  END,
  END_SIGNATURE,
  LOCAL_HEADER,
  LOCAL_SIGNATURE,
  LOCATOR,
  LOCATOR_SIGNATURE,
  lengthOf,
  record,
  WIDE_END,
  WIDE_END_SIGNATURE,
  WIDE_OFFSET,
} from "./records.ts";

/** Where the bytes go, one piece after the other. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>;

export interface ZipWriter {
  /** An entry of bytes at hand. */
  addBytes(name: string, bytes: Uint8Array, isExecutable: boolean): Promise<void>;
  /** An entry of bytes to come. */
  addStream(name: string, bytes: AsyncIterable<Uint8Array | string>, isExecutable: boolean): Promise<void>;
  addEmptyFolder(name: string): Promise<void>;
  /** Writes the directory. Nothing can be added afterwards. */
  end(): Promise<void>;
}

const ZIP32_MAX = 0xffffffff;
const ENTRIES_16_MAX = 0xffff;
const MADE_BY_UNIX = 3 << 8;
const VERSION_20 = 20;
const VERSION_64 = 45;
const FLAG_UTF8 = 0x800;
const FLAG_DESCRIPTOR = 0x8;
const FIXED_DATE = 0x21 << 16; // 1980-01-01, the first day that a zip can tell
const FOLDER_MODE = 0o040755;

/** An entry's numbers, as its records have them. */
interface WrittenEntry {
  readonly name: Buffer;
  readonly mode: number;
  readonly method: number;
  readonly flags: number;
  crc32: number;
  packedBytes: number;
  sizeBytes: number;
}

/** Begins a zip. One entry must be added before the next is begun. Errors: `InvalidZip` for names that are refused. */
export function writeZip(write: WriteBytes): ZipWriter {
  const directory: Buffer[] = [];
  const names = new Set<string>();
  let offset = 0;
  const put = async (bytes: Uint8Array) => {
    offset += bytes.length;
    await write(bytes);
  };
  const addWhole = async (name: string, data: Uint8Array, mode: number) => {
    const { entry, written } = wholeEntry(name, data, mode);
    directory.push(directoryRecord(entry, offset));
    await put(localHeader(entry));
    await put(written);
  };
  return {
    async addBytes(name, bytes, isExecutable) {
      await addWhole(newName(name, names), bytes, modeOf(isExecutable));
    },
    async addStream(name, bytes, isExecutable) {
      const headerOffset = offset;
      const entry = newEntry(newName(name, names), modeOf(isExecutable), 8, FLAG_DESCRIPTOR);
      await put(localHeader(entry));
      for await (const piece of deflated(bytes, entry)) {
        entry.packedBytes += piece.length;
        if (Math.max(entry.packedBytes, entry.sizeBytes) >= ZIP32_MAX) throw tooLong(name);
        await put(piece);
      }
      await put(record(DESCRIPTOR, { signature: DESCRIPTOR_SIGNATURE, ...numbersOf(entry) }));
      directory.push(directoryRecord(entry, headerOffset));
    },
    async addEmptyFolder(name) {
      await addWhole(`${newName(name, names)}/`, Buffer.alloc(0), FOLDER_MODE);
    },
    async end() {
      const start = offset;
      const records = Buffer.concat(directory);
      await put(records);
      await put(endOfDirectory(directory.length, start, records.length));
    },
  };
}

const modeOf = (isExecutable: boolean) => (isExecutable ? 0o100755 : 0o100644);

function newName(name: string, names: Set<string>): string {
  const path = entryPath(name);
  if (names.has(path)) throw new InvalidZip("duplicate", `'${path}' was added to the artifact before`);
  names.add(path);
  return path;
}

function newEntry(name: string, mode: number, method: number, flag: number): WrittenEntry {
  const sizes = { crc32: 0, packedBytes: 0, sizeBytes: 0 };
  return { name: Buffer.from(name), mode, method, flags: FLAG_UTF8 | flag, ...sizes };
}

function wholeEntry(name: string, data: Uint8Array, mode: number): { entry: WrittenEntry; written: Uint8Array } {
  const packed = deflateRawSync(data);
  const isSmaller = packed.length < data.length;
  const written = isSmaller ? packed : data;
  const sizes = { crc32: crc32(data), packedBytes: written.length, sizeBytes: data.length };
  return { entry: { ...newEntry(name, mode, isSmaller ? 8 : 0, 0), ...sizes }, written };
}

/** Counts into `entry` what goes in. */
async function* deflated(bytes: AsyncIterable<Uint8Array | string>, entry: WrittenEntry): AsyncGenerator<Buffer> {
  const count = async function* () {
    for await (const chunk of bytes) {
      const piece = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      entry.crc32 = crc32(piece, entry.crc32);
      entry.sizeBytes += piece.length;
      yield piece;
    }
  };
  const deflate = createDeflateRaw({ chunkSize: 128 * 1024 });
  // An error of the source destroys `deflate` with it, so that whoever reads from it sees the error.
  pipeline(Readable.from(count(), { objectMode: false }), deflate, () => {});
  for await (const chunk of deflate) yield chunk as Buffer; // zlib's streams give buffers
}

const numbersOf = ({ crc32: checksum, packedBytes, sizeBytes }: WrittenEntry) => ({
  crc32: checksum,
  packedBytes,
  sizeBytes,
});

const sharedOf = (entry: WrittenEntry) => ({
  ...numbersOf(entry),
  flags: entry.flags,
  method: entry.method,
  time: FIXED_DATE,
  nameBytes: entry.name.length,
});

function localHeader(entry: WrittenEntry): Buffer {
  const numbers = { signature: LOCAL_SIGNATURE, version: VERSION_20, ...sharedOf(entry) };
  return Buffer.concat([record(LOCAL_HEADER, numbers), entry.name]);
}

function directoryRecord(entry: WrittenEntry, headerOffset: number): Buffer {
  const isWide = headerOffset >= ZIP32_MAX;
  const extra = isWide ? record(WIDE_OFFSET, { id: 1, lengthBytes: 8, headerOffset }) : Buffer.alloc(0);
  const version = isWide ? VERSION_64 : VERSION_20;
  const numbers = {
    ...sharedOf(entry),
    signature: DIRECTORY_SIGNATURE,
    madeBy: MADE_BY_UNIX | version,
    version,
    extraBytes: extra.length,
    attributes: entry.mode * 0x10000,
    headerOffset: Math.min(headerOffset, ZIP32_MAX),
  };
  return Buffer.concat([record(DIRECTORY_RECORD, numbers), entry.name, extra]);
}

function endOfDirectory(entryCount: number, directoryOffset: number, directoryBytes: number): Buffer {
  const isWide = entryCount >= ENTRIES_16_MAX || directoryOffset >= ZIP32_MAX || directoryBytes >= ZIP32_MAX;
  const narrowCount = Math.min(entryCount, ENTRIES_16_MAX);
  const end = record(END, {
    signature: END_SIGNATURE,
    countHere: narrowCount,
    entryCount: narrowCount,
    directoryBytes: Math.min(directoryBytes, ZIP32_MAX),
    directoryOffset: Math.min(directoryOffset, ZIP32_MAX),
  });
  if (!isWide) return end;
  const wideEnd = record(WIDE_END, {
    signature: WIDE_END_SIGNATURE,
    lengthBytes: lengthOf(WIDE_END) - 12, // what follows
    madeBy: MADE_BY_UNIX | VERSION_64,
    version: VERSION_64,
    countHere: entryCount,
    entryCount,
    directoryBytes,
    directoryOffset,
  });
  const place = { signature: LOCATOR_SIGNATURE, headerOffset: directoryOffset + directoryBytes, disks: 1 };
  return Buffer.concat([wideEnd, record(LOCATOR, place), end]);
}

const tooLong = (name: string) => new InvalidZip("tooLarge", `'${name}' has more than 4 GiB, the most for one entry`);
