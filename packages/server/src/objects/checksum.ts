import { createHash } from "node:crypto";
import { crc32 as zlibCrc32 } from "node:zlib";

/** The checksum algorithms that a client may send. Source: S3 user guide, "Checking object integrity". */
export const CHECKSUM_ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** `COMPOSITE` is the checksum of the parts' checksums, with `-N`; `FULL_OBJECT` is that of the bytes. */
export type ChecksumType = "COMPOSITE" | "FULL_OBJECT";

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64, with `-N` behind it when composite. */
  readonly value: string;
  readonly type: ChecksumType;
}

/** A checksum in the making. */
export interface RunningChecksum {
  update(bytes: Buffer): void;
  /** Base64. To be called once. */
  digest(): Promise<string>;
}

/** Length of a digest in bytes, by algorithm. */
const DIGEST_BYTES: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

/** Whether this is what a digest of the algorithm looks like on the wire. */
export function isDigest(algorithm: ChecksumAlgorithm, value: string): boolean {
  const bytes = Buffer.from(value, "base64");
  return bytes.length === DIGEST_BYTES[algorithm] && bytes.toString("base64") === value;
}

/** Begins a checksum. CRC64NVME comes from a library that is loaded on its first use. */
export async function startChecksum(algorithm: ChecksumAlgorithm): Promise<RunningChecksum> {
  switch (algorithm) {
    case "CRC32":
      return running32((bytes, before) => zlibCrc32(bytes, before));
    case "CRC32C":
      return running32(crc32c);
    case "CRC64NVME":
      return startCrc64();
    case "SHA1":
    case "SHA256": {
      const hash = createHash(algorithm.toLowerCase());
      return { update: (bytes) => void hash.update(bytes), digest: async () => hash.digest("base64") };
    }
  }
}

function running32(step: (bytes: Buffer, before: number) => number): RunningChecksum {
  let value = 0;
  return {
    update(bytes) {
      value = step(bytes, value);
    },
    async digest() {
      const out = Buffer.alloc(4);
      out.writeUInt32BE(value >>> 0);
      return out.toString("base64");
    },
  };
}

async function startCrc64(): Promise<RunningChecksum> {
  const { Crc64Nvme } = await import("@aws-sdk/crc64-nvme");
  const hash = new Crc64Nvme();
  return {
    update: (bytes) => void hash.update(bytes),
    digest: async () => Buffer.from(await hash.digest()).toString("base64"),
  };
}

let crc32cTable: Int32Array | undefined;

function crc32c(bytes: Buffer, before: number): number {
  crc32cTable ??= makeCrc32cTable();
  let crc = ~before;
  for (let index = 0; index < bytes.length; index += 1) {
    // Both indices are inside: the buffer's by the loop, the table's by the mask.
    crc = (crc32cTable[(crc ^ (bytes[index] as number)) & 0xff] as number) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

/** Castagnoli's polynomial, bits reversed. */
export const CRC32C_POLYNOMIAL = 0x82f63b78;

function makeCrc32cTable(): Int32Array {
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ CRC32C_POLYNOMIAL : crc >>> 1;
    table[byte] = crc;
  }
  return table;
}
