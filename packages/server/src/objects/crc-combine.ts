/**
 * The CRC of a whole from the CRCs and lengths of its parts, without reading a byte again.
 *
 * A CRC is a remainder of polynomials over GF(2): appending n bytes multiplies what was before by x^(8n).
 * So the whole is `crcA * x^(8n) + crcB`, where + is exclusive or. Polynomials are held with their bits
 * reversed, as the CRCs themselves are: the highest bit is the coefficient of x^0.
 */
import { type ChecksumAlgorithm, CRC32C_POLYNOMIAL } from "./checksum.ts";

interface Field {
  readonly bits: number;
  readonly polynomial: bigint;
}

const FIELDS: Partial<Record<ChecksumAlgorithm, Field>> = {
  CRC32: { bits: 32, polynomial: 0xedb88320n },
  CRC32C: { bits: 32, polynomial: BigInt(CRC32C_POLYNOMIAL) },
  CRC64NVME: { bits: 64, polynomial: 0x9a6c9329ac4bc9b5n },
};

export interface PartCrc {
  /** Base64. */
  readonly value: string;
  readonly sizeBytes: number;
}

/** Whether the algorithm's checksum of a whole can be told from those of its parts. */
export function canCombine(algorithm: ChecksumAlgorithm): boolean {
  return FIELDS[algorithm] !== undefined;
}

/** Answers base64; of no parts, the CRC of nothing. */
export function combineCrcs(algorithm: ChecksumAlgorithm, parts: readonly PartCrc[]): string {
  const field = FIELDS[algorithm];
  if (!field) throw new RangeError(`${algorithm} of a whole cannot be told from its parts`);
  // Parts mostly have the same length, so their factor is worth keeping.
  const factors = new Map<number, bigint>();
  const whole = parts.reduce((before, part) => {
    const factor = factors.get(part.sizeBytes) ?? powerOfX(field, 8 * part.sizeBytes);
    factors.set(part.sizeBytes, factor);
    return multiply(field, before, factor) ^ toBigInt(part.value);
  }, 0n);
  return fromBigInt(whole, field.bits);
}

function multiply({ bits, polynomial }: Field, a: bigint, b: bigint): bigint {
  const one = 1n << BigInt(bits - 1);
  let product = 0n;
  let shifted = b;
  for (let bit = one; bit > 0n && shifted > 0n; bit >>= 1n) {
    if (a & bit) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}

function powerOfX(field: Field, exponent: number): bigint {
  let result = 1n << BigInt(field.bits - 1);
  let square = result >> 1n;
  for (let left = BigInt(exponent); left > 0n; left >>= 1n) {
    if (left & 1n) result = multiply(field, result, square);
    square = multiply(field, square, square);
  }
  return result;
}

function toBigInt(base64: string): bigint {
  return BigInt(`0x${Buffer.from(base64, "base64").toString("hex") || "0"}`);
}

function fromBigInt(value: bigint, bits: number): string {
  return Buffer.from(value.toString(16).padStart(bits / 4, "0"), "hex").toString("base64");
}
