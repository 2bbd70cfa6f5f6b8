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
const FIXED_DATE = 0x21; // 1980-01-01, the first day that a zip can tell

interface WrittenEntry {
  readonly name: Buffer;
  readonly mode: number;
  readonly isDeflated: boolean;
  readonly isStreamed: boolean;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
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
  const noteEntry = (entry: WrittenEntry, headerOffset: number) => directory.push(directoryRecord(entry, headerOffset));
  return {
    async addBytes(name, bytes, isExecutable) {
      const entry = wholeEntry(newName(name, names), bytes, modeOf(isExecutable));
      noteEntry(entry.entry, offset);
      await put(localHeader(entry.entry));
      await put(entry.data);
    },
    async addStream(name, bytes, isExecutable) {
      const headerOffset = offset;
      const begun = streamedEntry(newName(name, names), modeOf(isExecutable));
      await put(localHeader(begun));
      const counted = { crc32: 0, packedBytes: 0, sizeBytes: 0 };
      for await (const piece of deflated(bytes, counted)) {
        counted.packedBytes += piece.length;
        if (Math.max(counted.packedBytes, counted.sizeBytes) >= ZIP32_MAX) throw tooLong(name);
        await put(piece);
      }
      await put(dataDescriptor(counted));
      noteEntry({ ...begun, ...counted }, headerOffset);
    },
    async addEmptyFolder(name) {
      const { entry } = wholeEntry(`${newName(name, names)}/`, Buffer.alloc(0), 0o040755);
      noteEntry(entry, offset);
      await put(localHeader(entry));
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

function wholeEntry(name: string, data: Uint8Array, mode: number): { entry: WrittenEntry; data: Uint8Array } {
  const packed = deflateRawSync(data);
  const isDeflated = packed.length < data.length;
  const written = isDeflated ? packed : data;
  const sizes = { crc32: crc32(data), packedBytes: written.length, sizeBytes: data.length };
  return { entry: { name: Buffer.from(name), mode, isDeflated, isStreamed: false, ...sizes }, data: written };
}

function streamedEntry(name: string, mode: number): WrittenEntry {
  const sizes = { crc32: 0, packedBytes: 0, sizeBytes: 0 };
  return { name: Buffer.from(name), mode, isDeflated: true, isStreamed: true, ...sizes };
}

interface Counted {
  crc32: number;
  sizeBytes: number;
}

async function* deflated(bytes: AsyncIterable<Uint8Array | string>, counted: Counted): AsyncGenerator<Buffer> {
  const count = async function* () {
    for await (const chunk of bytes) {
      const piece = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      counted.crc32 = crc32(piece, counted.crc32);
      counted.sizeBytes += piece.length;
      yield piece;
    }
  };
  const deflate = createDeflateRaw({ chunkSize: 128 * 1024 });
  // An error of the source destroys `deflate` with it, so that whoever reads from it sees the error.
  pipeline(Readable.from(count(), { objectMode: false }), deflate, () => {});
  for await (const chunk of deflate) yield chunk as Buffer; // zlib's streams give buffers
}

function localHeader(entry: WrittenEntry): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  writeShared(header, 4, entry, VERSION_20);
  header.writeUInt16LE(entry.name.length, 26);
  return Buffer.concat([header, entry.name]);
}

/** Version, flags, method, time, checksum and sizes: what local header and directory record have in common. */
function writeShared(target: Buffer, at: number, entry: WrittenEntry, version: number): void {
  target.writeUInt16LE(version, at);
  target.writeUInt16LE(FLAG_UTF8 | (entry.isStreamed ? FLAG_DESCRIPTOR : 0), at + 2);
  target.writeUInt16LE(entry.isDeflated ? 8 : 0, at + 4);
  target.writeUInt16LE(FIXED_DATE, at + 8);
  target.writeUInt32LE(entry.crc32, at + 10);
  target.writeUInt32LE(entry.packedBytes, at + 14);
  target.writeUInt32LE(entry.sizeBytes, at + 18);
}

function dataDescriptor({ crc32: checksum, packedBytes, sizeBytes }: Counted & { packedBytes: number }): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt32LE(0x08074b50, 0);
  record.writeUInt32LE(checksum, 4);
  record.writeUInt32LE(packedBytes, 8);
  record.writeUInt32LE(sizeBytes, 12);
  return record;
}

function directoryRecord(entry: WrittenEntry, headerOffset: number): Buffer {
  const isWide = headerOffset >= ZIP32_MAX;
  const extra = Buffer.alloc(isWide ? 12 : 0);
  if (isWide) {
    extra.writeUInt16LE(0x0001, 0);
    extra.writeUInt16LE(8, 2);
    extra.writeBigUInt64LE(BigInt(headerOffset), 4);
  }
  const version = isWide ? VERSION_64 : VERSION_20;
  const record = Buffer.alloc(46);
  record.writeUInt32LE(0x02014b50, 0);
  record.writeUInt16LE(MADE_BY_UNIX | version, 4);
  writeShared(record, 6, entry, version);
  record.writeUInt16LE(entry.name.length, 28);
  record.writeUInt16LE(extra.length, 30);
  record.writeUInt32LE((entry.mode << 16) >>> 0, 38);
  record.writeUInt32LE(Math.min(headerOffset, ZIP32_MAX), 42);
  return Buffer.concat([record, entry.name, extra]);
}

function endOfDirectory(entryCount: number, directoryOffset: number, directoryBytes: number): Buffer {
  const isWide = entryCount >= ENTRIES_16_MAX || directoryOffset >= ZIP32_MAX || directoryBytes >= ZIP32_MAX;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(entryCount, ENTRIES_16_MAX), 8);
  end.writeUInt16LE(Math.min(entryCount, ENTRIES_16_MAX), 10);
  end.writeUInt32LE(Math.min(directoryBytes, ZIP32_MAX), 12);
  end.writeUInt32LE(Math.min(directoryOffset, ZIP32_MAX), 16);
  return isWide ? Buffer.concat([wideEnd(entryCount, directoryOffset, directoryBytes), end]) : end;
}

function wideEnd(entryCount: number, directoryOffset: number, directoryBytes: number): Buffer {
  const end = Buffer.alloc(56 + 20);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4); // what follows of this record
  end.writeUInt16LE(MADE_BY_UNIX | VERSION_64, 12);
  end.writeUInt16LE(VERSION_64, 14);
  end.writeBigUInt64LE(BigInt(entryCount), 24);
  end.writeBigUInt64LE(BigInt(entryCount), 32);
  end.writeBigUInt64LE(BigInt(directoryBytes), 40);
  end.writeBigUInt64LE(BigInt(directoryOffset), 48);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeBigUInt64LE(BigInt(directoryOffset + directoryBytes), 64);
  end.writeUInt32LE(1, 72);
  return end;
}

const tooLong = (name: string) => new InvalidZip("tooLarge", `'${name}' has more than 4 GiB, the most for one entry`);
