/*
 * Writes a zip as a stream into a sink. Equal files give equal bytes: times are fixed, modes are 0644 or 0755.
 *
 * What is small enough is deflated at once, with its sizes in front; a stream has them behind (a data descriptor). The
 * directory at the end takes the wide form (ZIP64) where numbers need it; one entry has at most 4 GiB.
 * Source: PKWARE APPNOTE.TXT 6.3.10, §4.3.
 */

import { pipeline, Readable } from "node:stream";
import { crc32, createDeflateRaw, deflateRawSync } from "node:zlib";
import { asBytes } from "../as-bytes.ts";
import { entryPath } from "./entry-name.ts";
import { badEntry } from "./invalid-zip.ts";
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
  WIDE_16,
  WIDE_32,
  WIDE_END,
  WIDE_END_SIGNATURE,
  WIDE_OFFSET,
} from "./records.ts";

/** Where the bytes go, one piece after the other. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>;

export interface ZipWriter {
  /** An entry of bytes at hand, or to come; an empty folder has none. */
  add(name: string, bytes: Uint8Array | AsyncIterable<Uint8Array | string>, mode: number): Promise<void>;
  /** Writes the directory. Nothing can be added afterwards. */
  end(): Promise<void>;
}

/** What an entry is, as Unix has it. */
export const FILE_MODE = 0o100644;
export const EXECUTABLE_MODE = 0o100755;
export const FOLDER_MODE = 0o040755;

const MADE_BY_UNIX = 3 << 8;
const VERSION_20 = 20;
const VERSION_64 = 45;
const FLAG_UTF8 = 0x800;
const FLAG_DESCRIPTOR = 0x8;
const FIXED_DATE = 0x21 << 16; // 1980-01-01, the first day that a zip can tell

/** Begins a zip. One entry must be added before the next is begun. Errors: `InvalidZip` for names that are refused. */
export function writeZip(write: WriteBytes): ZipWriter {
  const directory: Buffer[] = [];
  const names = new Set<string>();
  let offset = 0;
  const put = async (bytes: Uint8Array) => {
    offset += bytes.length;
    await write(bytes);
  };
  return {
    async add(path, bytes, mode) {
      const name = Buffer.from(newName(path, names) + (mode === FOLDER_MODE ? "/" : ""));
      const headerOffset = offset;
      const numbers = await (bytes instanceof Uint8Array ? putWhole(put, name, bytes) : putStream(put, name, bytes));
      directory.push(directoryRecord(name, numbers, mode, headerOffset));
    },
    async end() {
      const start = offset;
      const records = Buffer.concat(directory);
      await put(records);
      await put(endOfDirectory(directory.length, records.length, start));
    },
  };
}

function newName(name: string, names: Set<string>): string {
  const path = entryPath(name);
  if (names.has(path)) throw badEntry("duplicate", path, "was added to the artifact before");
  names.add(path);
  return path;
}

/** What both records of an entry say of it, as it is known in front of its data. */
type EntryNumbers = readonly [
  flags: number,
  method: number,
  time: number,
  crc: number,
  packedBytes: number,
  sizeBytes: number,
  nameBytes: number,
];

async function putWhole(put: WriteBytes, name: Buffer, data: Uint8Array): Promise<EntryNumbers> {
  const packed = deflateRawSync(data);
  const isSmaller = packed.length < data.length;
  const written = isSmaller ? packed : data;
  const sizes = [crc32(data), written.length, data.length] as const;
  const numbers = [FLAG_UTF8, isSmaller ? 8 : 0, FIXED_DATE, ...sizes, name.length] as const;
  await put(localHeader(name, numbers));
  await put(written);
  return numbers;
}

async function putStream(
  put: WriteBytes,
  name: Buffer,
  bytes: AsyncIterable<Uint8Array | string>,
): Promise<EntryNumbers> {
  const known = [FLAG_UTF8 | FLAG_DESCRIPTOR, 8, FIXED_DATE] as const;
  let [checksum, packedBytes, sizeBytes] = [0, 0, 0];
  const counted = async function* () {
    for await (const chunk of bytes) {
      const piece = asBytes(chunk);
      checksum = crc32(piece, checksum);
      sizeBytes += piece.length;
      yield piece;
    }
  };
  await put(localHeader(name, [...known, 0, 0, 0, name.length]));
  const deflate = createDeflateRaw({ chunkSize: 128 * 1024 });
  // An error of the source destroys `deflate` with it, so that whoever reads from it sees the error.
  pipeline(Readable.from(counted(), { objectMode: false }), deflate, () => {});
  for await (const piece of deflate) {
    packedBytes += piece.length;
    if (Math.max(packedBytes, sizeBytes) >= WIDE_32) {
      throw badEntry("tooLarge", `${name}`, "has more than 4 GiB, the most for one entry");
    }
    await put(piece as Buffer); // zlib's streams give buffers
  }
  const sizes = [checksum, packedBytes, sizeBytes] as const;
  await put(record(DESCRIPTOR, DESCRIPTOR_SIGNATURE, ...sizes));
  return [...known, ...sizes, name.length];
}

const localHeader = (name: Buffer, numbers: EntryNumbers) =>
  Buffer.concat([record(LOCAL_HEADER, LOCAL_SIGNATURE, VERSION_20, ...numbers, 0), name]);

function directoryRecord(name: Buffer, numbers: EntryNumbers, mode: number, headerOffset: number): Buffer {
  const isWide = headerOffset >= WIDE_32;
  const extra = isWide ? record(WIDE_OFFSET, 1, 8, headerOffset) : Buffer.alloc(0);
  const version = isWide ? VERSION_64 : VERSION_20;
  const front = [DIRECTORY_SIGNATURE, MADE_BY_UNIX | version, version, ...numbers, extra.length, 0, 0] as const;
  return Buffer.concat([
    record(DIRECTORY_RECORD, ...front, mode * 0x10000, Math.min(headerOffset, WIDE_32)),
    name,
    extra,
  ]);
}

function endOfDirectory(count: number, directoryBytes: number, offset: number): Buffer {
  const count16 = Math.min(count, WIDE_16);
  const [bytes32, offset32] = [Math.min(directoryBytes, WIDE_32), Math.min(offset, WIDE_32)];
  const end = record(END, END_SIGNATURE, 0, count16, count16, bytes32, offset32, 0);
  if (count16 < WIDE_16 && Math.max(bytes32, offset32) < WIDE_32) return end;
  const numbers = [count, count, directoryBytes, offset] as const;
  const length = lengthOf(WIDE_END) - 12; // what follows
  const wideEnd = record(WIDE_END, WIDE_END_SIGNATURE, length, MADE_BY_UNIX | VERSION_64, VERSION_64, 0, ...numbers);
  return Buffer.concat([wideEnd, record(LOCATOR, LOCATOR_SIGNATURE, 0, offset + directoryBytes, 1), end]);
}
