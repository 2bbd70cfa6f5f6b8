/** Keys are ordered by their UTF-8 bytes, which is the order of their code points. */

const CODE_POINT_MAX = 0x10ffff;
const SURROGATES_FROM = 0xd800;
const SURROGATES_TO = 0xdfff;

/** The smallest string that is greater than every string with this prefix; nothing when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === CODE_POINT_MAX) continue;
    const next = last + 1;
    return String.fromCodePoint(...points, next >= SURROGATES_FROM && next <= SURROGATES_TO ? SURROGATES_TO + 1 : next);
  }
  return undefined;
}

/** The smallest string that is greater than this one. */
export function afterKey(key: string): string {
  return `${key}\0`;
}

export function greaterKey(a: string, b: string): string {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0 ? a : b;
}
