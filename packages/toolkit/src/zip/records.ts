/*
 * The records of a zip as layouts: the bytes that each of their numbers takes, in order. Numbers stand with their lowest
 * byte first. A layout holds no names, because those would be carried by every function; whoever reads names them.
 *
 * Source: PKWARE APPNOTE.TXT 6.3.10, §4.3.
 */

export const LOCAL_SIGNATURE = 0x04034b50;
export const DESCRIPTOR_SIGNATURE = 0x08074b50;
export const DIRECTORY_SIGNATURE = 0x02014b50;
export const END_SIGNATURE = 0x06054b50;
export const WIDE_END_SIGNATURE = 0x06064b50;
export const LOCATOR_SIGNATURE = 0x07064b50;

/** The most that 32 and 16 bits tell; then the number stands in a wide record. */
export const WIDE_32 = 0xffffffff;
export const WIDE_16 = 0xffff;

/** What an entry is, as Unix has it. */
export const FILE_MODE = 0o100644;
export const EXECUTABLE_MODE = 0o100755;
export const FOLDER_MODE = 0o040755;

/** What records say of whoever made them, of what it takes to read them, and of how an entry is written. */
export const MADE_BY_UNIX = 0x300;
export const VERSION_20 = 20;
export const VERSION_64 = 45;
export const FLAG_UTF8 = 0x800;
export const FLAG_DESCRIPTOR = 0x8;
/** 1980-01-01, the first day that a zip can tell. */
export const FIXED_DATE = 0x210000;

type Layout = readonly number[];
type Numbers<L extends Layout> = { readonly [Index in keyof L]: number };

/** In front of an entry's data: signature, version, flags, method, time, CRC, packed, unpacked, name, extra. */
export const LOCAL_HEADER = [4, 2, 2, 2, 4, 4, 4, 4, 2, 2] as const;
/** Behind the data of an entry whose sizes were not known in front: signature, CRC, packed, unpacked. */
export const DESCRIPTOR = [4, 4, 4, 4] as const;
/** In the directory: signature, made by, then as in front of the data, comment, disk, attributes, place of the header. */
export const DIRECTORY_RECORD = [4, 2, 2, 2, 2, 4, 4, 4, 4, 2, 2, 2, 4, 4, 4] as const;
/** An entry's extra field with a number that has no room in its record: id, length, place of the header. */
export const WIDE_OFFSET = [2, 2, 8] as const;
/** The end of the zip: signature, disks, entries here, entries, bytes and place of the directory, comment. */
export const END = [4, 4, 2, 2, 4, 4, 2] as const;
/** The wide form of the end (ZIP64), in front of it: signature, length, made by, version, then as in the end. */
export const WIDE_END = [4, 8, 2, 2, 8, 8, 8, 8, 8] as const;
/** Where the wide end begins; it stands between that and the end: signature, disk, place, disks. */
export const LOCATOR = [4, 4, 8, 4] as const;

/** Bytes of a record. */
export const lengthOf = (layout: Layout) => layout.reduce((sum, width) => sum + width);

/** The numbers of the record at a place. Errors: `RangeError` when the bytes end before it does. */
export function readRecord<L extends Layout>(layout: L, from: Buffer, start = 0): Numbers<L> {
  let at = start;
  return layout.map((width) => {
    at += width;
    return width < 8 ? from.readUIntLE(at - width, width) : readWide(from, at - width);
  }) as Numbers<L>; // one for each of the layout
}

/** A number of eight bytes. Beyond 2^53 it is not exact, and larger than any file. */
export const readWide = (from: Buffer, at: number) => Number(from.readBigUInt64LE(at));

/** A record. Numbers have at most 48 bits; one that does not fit is the highest that does, which tells that it stands elsewhere. */
export function record<L extends Layout>(layout: L, ...numbers: Numbers<L>): Buffer {
  const bytes = Buffer.alloc(lengthOf(layout));
  let at = 0;
  for (const [index, width] of layout.entries()) {
    const written = Math.min(width, 6);
    bytes.writeUIntLE(Math.min(numbers[index] ?? 0, 256 ** written - 1), at, written);
    at += width;
  }
  return bytes;
}
