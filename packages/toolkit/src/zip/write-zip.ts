/*
 * Writes a zip as a stream into a sink. Equal files give equal bytes: times are fixed, modes are 0644 or 0755.
 *
 * What is small enough is deflated at once, with its sizes in front; a stream has them behind (a data descriptor). The
 * directory at the end takes the wide form (ZIP64) where numbers need it; one entry has at most 4 GiB.
 * Source: PKWARE APPNOTE.TXT 6.3.10, §4.3.
 */

import zlib from "node:zlib";
import { asBytes, throughStream } from "../bytes.ts";
import { entryPath } from "./entry-name.ts";
import { badEntry } from "./invalid-zip.ts";
import {
  DESCRIPTOR,
  DESCRIPTOR_SIGNATURE,
  DIRECTORY_RECORD,
  DIRECTORY_SIGNATURE,
  END,
  END_SIGNATURE,
  FILE_MODE,
  FIXED_DATE,
  FLAG_DESCRIPTOR,
  FLAG_UTF8,
  FOLDER_MODE,
  LOCAL_HEADER,
  LOCAL_SIGNATURE,
  LOCATOR,
  LOCATOR_SIGNATURE,
  lengthOf,
  MADE_BY_UNIX,
  record,
  VERSION_20,
  VERSION_64,
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
  add(name: string, bytes: Uint8Array | AsyncIterable<Uint8Array | string>, mode?: number): Promise<void>;
  /** Writes the directory. Nothing can be added afterwards. */
  end(): Promise<void>;
}

/** Begins a zip. One entry must be added before the next is begun. Errors: `InvalidZip` for names that are refused. */
export function writeZip(write: WriteBytes): ZipWriter {
  const directory: Uint8Array[] = [];
  const names = new Set<string>();
  let offset = 0;
  const put = async (...pieces: readonly Uint8Array[]) => {
    for (const piece of pieces) {
      offset += piece.length;
      await write(piece);
    }
  };
  return {
    async add(path, bytes, mode = FILE_MODE) {
      const inside = entryPath(path);
      if (names.has(inside)) throw badEntry("duplicate", inside, "was added to the artifact before");
      names.add(inside);
      const name = Buffer.from(mode === FOLDER_MODE ? `${inside}/` : inside);
      const start = offset;
      const numbers = await (bytes instanceof Uint8Array ? putWhole(put, name, bytes) : putStream(put, name, bytes));
      const [version, extra] =
        start < WIDE_32 ? [VERSION_20, Buffer.alloc(0)] : [VERSION_64, record(WIDE_OFFSET, 1, 8, start)];
      const front = [DIRECTORY_SIGNATURE, MADE_BY_UNIX | version, version, ...numbers, extra.length, 0, 0] as const;
      directory.push(record(DIRECTORY_RECORD, ...front, mode * 0x10000, start), name, extra);
    },
    async end() {
      const start = offset;
      await put(Buffer.concat(directory));
      const end = offset;
      const count = names.size;
      const numbers = [count, count, end - start, start] as const;
      const length = lengthOf(WIDE_END) - 12; // what follows
      if (count >= WIDE_16 || end >= WIDE_32) {
        await put(
          record(WIDE_END, WIDE_END_SIGNATURE, length, MADE_BY_UNIX | VERSION_64, VERSION_64, 0, ...numbers),
          record(LOCATOR, LOCATOR_SIGNATURE, 0, end, 1),
        );
      }
      await put(record(END, END_SIGNATURE, 0, ...numbers, 0));
    },
  };
}

/** What both records of an entry say of it, as it is known in front of its data. */
type EntryNumbers = readonly [
  flags: number,
  method: number,
  time: number,
  crc: number,
  packed: number,
  size: number,
  nameBytes: number,
];

type Put = (...pieces: readonly Uint8Array[]) => Promise<void>;

async function putWhole(put: Put, name: Buffer, bytes: Uint8Array): Promise<EntryNumbers> {
  const packed = zlib.deflateRawSync(bytes);
  const [method, data] = packed.length < bytes.length ? [8, packed] : [0, bytes];
  const sizes = [zlib.crc32(bytes), data.length, bytes.length] as const;
  const numbers = [FLAG_UTF8, method, FIXED_DATE, ...sizes, name.length] as const;
  await put(localHeader(numbers), name, data);
  return numbers;
}

async function putStream(put: Put, name: Buffer, bytes: AsyncIterable<Uint8Array | string>): Promise<EntryNumbers> {
  let [crc, packed, size] = [0, 0, 0];
  const numbers = () => [FLAG_UTF8 | FLAG_DESCRIPTOR, 8, FIXED_DATE, crc, packed, size, name.length] as const;
  const counted = async function* () {
    for await (const chunk of bytes) {
      const piece = asBytes(chunk);
      crc = zlib.crc32(piece, crc);
      size += piece.length;
      yield piece;
    }
  };
  await put(localHeader(numbers()), name);
  for await (const piece of throughStream(counted(), zlib.createDeflateRaw({ chunkSize: 128 * 1024 }))) {
    packed += piece.length;
    if (Math.max(packed, size) >= WIDE_32) {
      throw badEntry("tooLarge", `${name}`, "has more than 4 GiB, the most for one entry");
    }
    await put(piece);
  }
  await put(record(DESCRIPTOR, DESCRIPTOR_SIGNATURE, crc, packed, size));
  return numbers();
}

const localHeader = (numbers: EntryNumbers) => record(LOCAL_HEADER, LOCAL_SIGNATURE, VERSION_20, ...numbers, 0);
