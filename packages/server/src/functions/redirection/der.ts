/**
 * As much of the Distinguished Encoding Rules as a certificate needs. Every value is a tag, a length and the content.
 * Source: X.690 §8, §10.
 */

export function sequence(...parts: readonly Buffer[]): Buffer {
  return value(0x30, ...parts);
}

export function set(...parts: readonly Buffer[]): Buffer {
  return value(0x31, ...parts);
}

/** A positive integer from its bytes, most significant first. */
export function integer(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const significant = first < 0 ? Buffer.of(0) : bytes.subarray(first);
  const isNegative = ((significant[0] ?? 0) & 0x80) !== 0; // as it would be read
  return value(0x02, isNegative ? Buffer.concat([Buffer.of(0), significant]) : significant);
}

export const TRUE = Buffer.of(0x01, 0x01, 0xff);

export function octetString(...parts: readonly Buffer[]): Buffer {
  return value(0x04, ...parts);
}

/** A string of bits, of which the last `unusedBits` of the last byte do not count. */
export function bitString(bytes: Buffer, unusedBits = 0): Buffer {
  return value(0x03, Buffer.of(unusedBits), bytes);
}

export function utf8String(text: string): Buffer {
  return value(0x0c, Buffer.from(text));
}

/** Such as `1.2.840.10045.4.3.2`. */
export function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  return value(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** Epoch milliseconds, to the second. Years to 2049 have two digits. Source: RFC 5280 §4.1.2.5. */
export function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\.\d+|[-:T]/g, "");
  return digits < "2050" ? value(0x17, Buffer.from(digits.slice(2))) : value(0x18, Buffer.from(digits));
}

/** A value under a number whose meaning the place decides: with its own tag inside, or in place of that. */
export function tagged(number: number, content: Buffer, isConstructed: boolean): Buffer {
  return value((isConstructed ? 0xa0 : 0x80) | number, content);
}

function value(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
}

function lengthOf(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.of(bytes);
  if (bytes < 0x1_00) return Buffer.of(0x81, bytes);
  if (bytes < 0x1_00_00) return Buffer.of(0x82, bytes >> 8, bytes & 0xff);
  throw new RangeError(`A certificate has no value of ${bytes} bytes`);
}

/** Seven bits a byte, the most significant first; all but the last have the eighth set. */
function base128(number: number): readonly number[] {
  const digits = [number & 0x7f];
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}
