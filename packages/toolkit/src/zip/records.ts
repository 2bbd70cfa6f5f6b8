/*
 * The records of a zip as layouts: the bytes that each of their numbers takes, in order. Numbers stand with their lowest
 * byte first. A layout holds no names, because those would be carried by every function; whoever reads names them.
 *
 * Source: PKWARE APPNOTE.TXT 6.3.10, §4.3.
 */

type Layout = readonly number[];
type Numbers<L extends Layout> = { readonly [Index in keyof L]: number };

export const LOCAL_SIGNATURE = 0x04034b50;
export const DESCRIPTOR_SIGNATURE = 0x08074b50;
export const DIRECTORY_SIGNATURE = 0x02014b50;
export const END_SIGNATURE = 0x06054b50;
export const WIDE_END_SIGNATURE = 0x06064b50;
export const LOCATOR_SIGNATURE = 0x07064b50;

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

/** The most that 32 and 16 bits tell; then the number stands in a wide record. */
export const WIDE_32 = 0xffffffff;
export const WIDE_16 = 0xffff;

/** Bytes of a record. */
export const lengthOf = (layout: Layout) => layout.reduce((sum, width) => sum + width);

/** The numbers of the record at a place. Errors: `RangeError` when the bytes end before it does. */
export function readRecord<L extends Layout>(layout: L, from: Buffer, start = 0): Numbers<L> {
  let at = start;
  return layout.map((width) => {
    at += width;
    return readNumber(from, at - width, width);
  }) as Numbers<L>; // one for each of the layout
}

/** A number of two, four or eight bytes. Beyond 2^53 it is not exact, and larger than any file. */
export const readNumber = (from: Buffer, at: number, width: number): number =>
  width < 8 ? from.readUIntLE(at, width) : Number(from.readBigUInt64LE(at));

/** A record. Numbers have at most 48 bits. */
export function record<L extends Layout>(layout: L, ...numbers: Numbers<L>): Buffer {
  const bytes = Buffer.alloc(lengthOf(layout));
  let at = 0;
  for (const [index, width] of layout.entries()) {
    bytes.writeUIntLE(numbers[index] ?? 0, at, Math.min(width, 6));
    at += width;
  }
  return bytes;
}
