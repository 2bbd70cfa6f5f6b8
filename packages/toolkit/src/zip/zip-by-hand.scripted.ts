import { crc32, deflateRawSync } from "node:zlib";

/** What one entry of a zip built by hand says, each part of which may be a lie. */
export interface HandMade {
  readonly name: string;
  readonly data?: Buffer | string;
  readonly stored?: boolean;
  readonly mode?: number;
  readonly flags?: number;
  readonly method?: number;
  readonly declaredBytes?: number;
  readonly crc?: number;
  /** Index of the entry whose local header is used instead of an own one. */
  readonly headerOf?: number;
}

/** Builds a zip, true or not. */
export function zipByHand(entries: readonly HandMade[]): Buffer {
  const parts: Buffer[] = [];
  const offsets: number[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const data = Buffer.from(entry.data ?? "");
    const packed = entry.stored ? data : deflateRawSync(data);
    const name = Buffer.from(entry.name);
    const at = offsets[entry.headerOf ?? -1] ?? offset;
    offsets.push(at);
    const fixed = Buffer.alloc(26);
    fixed.writeUInt16LE(20, 0);
    fixed.writeUInt16LE(entry.flags ?? 0x800, 2);
    fixed.writeUInt16LE(entry.method ?? (entry.stored ? 0 : 8), 4);
    fixed.writeUInt32LE(entry.crc ?? crc32(data), 10);
    fixed.writeUInt32LE(packed.length, 14);
    fixed.writeUInt32LE(entry.declaredBytes ?? data.length, 18);
    fixed.writeUInt16LE(name.length, 22);
    if (entry.headerOf === undefined) {
      const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), fixed, name, packed]);
      parts.push(local);
      offset += local.length;
    }
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), fixed, tail, name]));
  }
  const records = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(records.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, records, end]);
}
