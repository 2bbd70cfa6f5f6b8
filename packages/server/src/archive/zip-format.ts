/**
 * The records of a zip, as far as we write them: local header, data descriptor, directory record, end of directory,
 * each with its 64-bit form where a number does not fit. Source: PKWARE APPNOTE 6.3, sections 4.3 to 4.5.
 */

/** One entry, once its data is known. */
export interface WrittenEntry {
  /** UTF-8, with `/` at the end for a folder. */
  readonly name: Buffer;
  /** With the file type, as in `stat`. */
  readonly mode: number;
  readonly method: "stored" | "deflated";
  readonly crc32: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly headerOffset: number;
  /** Sizes and checksum follow the data, because the data was streamed. */
  readonly streamed: boolean;
}

/** Numbers from here on need the 64-bit form. */
export const ZIP32_MAX = 0xffff_ffff;
const ENTRIES_16_MAX = 0xffff;

/** Midnight of 1980-01-01, the first that the format knows, for every entry: equal folders give equal bytes. */
const FIXED_DATE = (1 << 5) | 1;
const FIXED_TIME = 0;

const FLAG_DESCRIPTOR = 0x0008;
const FLAG_UTF8 = 0x0800;
const MADE_BY_UNIX = 3 << 8;
const VERSION_20 = 20;
const VERSION_64 = 45;

/** `wide` reserves 64-bit sizes for data that is streamed and may be larger than 4 GiB. */
export function localHeader(entry: Omit<WrittenEntry, "headerOffset">, wide: boolean): Buffer {
  const extra = wide ? wideFields([0, 0]) : Buffer.alloc(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  writeCommon(header, 4, entry, wide);
  header.writeUInt32LE(entry.streamed ? 0 : entry.crc32, 14);
  header.writeUInt32LE(wide ? ZIP32_MAX : entry.streamed ? 0 : entry.packedBytes, 18);
  header.writeUInt32LE(wide ? ZIP32_MAX : entry.streamed ? 0 : entry.sizeBytes, 22);
  header.writeUInt16LE(entry.name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, entry.name, extra]);
}

/** What follows streamed data. */
export function dataDescriptor(
  entry: Pick<WrittenEntry, "crc32" | "packedBytes" | "sizeBytes">,
  wide: boolean,
): Buffer {
  const record = Buffer.alloc(wide ? 24 : 16);
  record.writeUInt32LE(0x08074b50, 0);
  record.writeUInt32LE(entry.crc32, 4);
  if (wide) {
    record.writeBigUInt64LE(BigInt(entry.packedBytes), 8);
    record.writeBigUInt64LE(BigInt(entry.sizeBytes), 16);
  } else {
    record.writeUInt32LE(entry.packedBytes, 8);
    record.writeUInt32LE(entry.sizeBytes, 12);
  }
  return record;
}

/** The entry's line in the directory at the end. */
export function directoryRecord(entry: WrittenEntry): Buffer {
  const numbers = [entry.sizeBytes, entry.packedBytes, entry.headerOffset];
  const wide = numbers.filter((number) => number >= ZIP32_MAX);
  const extra = wide.length > 0 ? wideFields(wide) : Buffer.alloc(0);
  const record = Buffer.alloc(46);
  record.writeUInt32LE(0x02014b50, 0);
  record.writeUInt16LE(MADE_BY_UNIX | (wide.length > 0 ? VERSION_64 : VERSION_20), 4);
  writeCommon(record, 6, entry, wide.length > 0);
  record.writeUInt32LE(entry.crc32, 16);
  record.writeUInt32LE(Math.min(entry.packedBytes, ZIP32_MAX), 20);
  record.writeUInt32LE(Math.min(entry.sizeBytes, ZIP32_MAX), 24);
  record.writeUInt16LE(entry.name.length, 28);
  record.writeUInt16LE(extra.length, 30);
  record.writeUInt32LE((entry.mode << 16) >>> 0, 38);
  record.writeUInt32LE(Math.min(entry.headerOffset, ZIP32_MAX), 42);
  return Buffer.concat([record, entry.name, extra]);
}

/** The last bytes of a zip. */
export function endOfDirectory(entryCount: number, directoryOffset: number, directoryBytes: number): Buffer {
  const wide = entryCount >= ENTRIES_16_MAX || directoryOffset >= ZIP32_MAX || directoryBytes >= ZIP32_MAX;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(entryCount, ENTRIES_16_MAX), 8);
  end.writeUInt16LE(Math.min(entryCount, ENTRIES_16_MAX), 10);
  end.writeUInt32LE(Math.min(directoryBytes, ZIP32_MAX), 12);
  end.writeUInt32LE(Math.min(directoryOffset, ZIP32_MAX), 16);
  return wide ? Buffer.concat([wideEnd(entryCount, directoryOffset, directoryBytes), end]) : end;
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

/** Version, flags, method and time: the ten bytes that local header and directory record have in common. */
function writeCommon(
  target: Buffer,
  at: number,
  entry: Pick<WrittenEntry, "method" | "streamed">,
  wide: boolean,
): void {
  target.writeUInt16LE(wide ? VERSION_64 : VERSION_20, at);
  target.writeUInt16LE(FLAG_UTF8 | (entry.streamed ? FLAG_DESCRIPTOR : 0), at + 2);
  target.writeUInt16LE(entry.method === "deflated" ? 8 : 0, at + 4);
  target.writeUInt16LE(FIXED_TIME, at + 6);
  target.writeUInt16LE(FIXED_DATE, at + 8);
}

function wideFields(numbers: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * numbers.length);
  extra.writeUInt16LE(0x0001, 0);
  extra.writeUInt16LE(8 * numbers.length, 2);
  for (const [index, number] of numbers.entries()) extra.writeBigUInt64LE(BigInt(number), 4 + 8 * index);
  return extra;
}
