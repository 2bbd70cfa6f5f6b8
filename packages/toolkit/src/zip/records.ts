/*
 * The records of a zip as tables: the names of their numbers, in order, each with the bytes that it takes. Numbers stand
 * with their lowest byte first.
 *
 * Source: PKWARE APPNOTE.TXT 6.3.10, §4.3.
 */

type Table = Readonly<Record<string, number>>;
type Numbers<T extends Table> = { -readonly [Name in keyof T]: number };

/** What an entry's two records have in common. */
const ENTRY = {
  version: 2,
  flags: 2,
  method: 2,
  time: 4,
  crc32: 4,
  packedBytes: 4,
  sizeBytes: 4,
  nameBytes: 2,
  extraBytes: 2,
} as const;

/** In front of an entry's data. */
export const LOCAL_HEADER = { signature: 4, ...ENTRY } as const;
/** Behind the data of an entry whose sizes were not known in front. */
export const DESCRIPTOR = { signature: 4, crc32: 4, packedBytes: 4, sizeBytes: 4 } as const;
/** In the directory. */
export const DIRECTORY_RECORD = {
  signature: 4,
  madeBy: 2,
  ...ENTRY,
  commentBytes: 2,
  disk: 4,
  attributes: 4,
  headerOffset: 4,
} as const;
/** An entry's extra field with a number that has no room in its record. */
export const WIDE_OFFSET = { id: 2, lengthBytes: 2, headerOffset: 8 } as const;
/** The end of the zip. */
export const END = {
  signature: 4,
  disk: 4,
  countHere: 2,
  entryCount: 2,
  directoryBytes: 4,
  directoryOffset: 4,
  commentBytes: 2,
} as const;
/** The wide form of the end (ZIP64), in front of it. */
export const WIDE_END = {
  signature: 4,
  lengthBytes: 8,
  madeBy: 2,
  version: 2,
  disk: 8,
  countHere: 8,
  entryCount: 8,
  directoryBytes: 8,
  directoryOffset: 8,
} as const;
/** Where the wide end begins; it stands between that and the end. */
export const LOCATOR = { signature: 4, disk: 4, headerOffset: 8, disks: 4 } as const;

export const LOCAL_SIGNATURE = 0x04034b50;
export const DESCRIPTOR_SIGNATURE = 0x08074b50;
export const DIRECTORY_SIGNATURE = 0x02014b50;
export const END_SIGNATURE = 0x06054b50;
export const WIDE_END_SIGNATURE = 0x06064b50;
export const LOCATOR_SIGNATURE = 0x07064b50;

/** Bytes of a record. */
export const lengthOf = (table: Table) => Object.values(table).reduce((sum, width) => sum + width, 0);

/** The record at a place. Errors: `RangeError` when the bytes end before it does. */
export function readRecord<T extends Table>(table: T, from: Buffer, at = 0): Numbers<T> {
  let place = at;
  const numbers = Object.entries(table).map(([name, width]) => {
    place += width;
    return [name, readNumber(from, place - width, width)];
  });
  return Object.fromEntries(numbers) as Numbers<T>; // by the names of the table
}

/** A number of two, four or eight bytes. Beyond 2^53 it is not exact, and larger than any file. */
export function readNumber(from: Buffer, at: number, width: number): number {
  return width < 8 ? from.readUIntLE(at, width) : Number(from.readBigUInt64LE(at));
}

/** A record; what is not given is 0. Numbers have at most 48 bits. */
export function record<T extends Table>(table: T, numbers: Partial<Numbers<T>>): Buffer {
  const bytes = Buffer.alloc(lengthOf(table));
  let place = 0;
  for (const [name, width] of Object.entries(table)) {
    bytes.writeUIntLE(numbers[name] ?? 0, place, Math.min(width, 6));
    place += width;
  }
  return bytes;
}
