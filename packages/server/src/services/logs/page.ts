import { invalidNextToken } from "./errors.ts";

/** How many groups or streams a page has, at most and when nobody says. Source: API reference, DescribeLogGroups. */
export const DESCRIBED_COUNT_DEFAULT = 50;

/** A token that carries the key of the last item of a page of some kind of list. Opaque to clients. */
export function toToken(kind: string, key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([kind, ...key])).toString("base64url");
}

/** The key in a token of the same kind of list, with parts of the types of `first`, which is the key without a token. */
export function fromToken<K extends readonly (string | number)[]>(
  kind: string,
  token: string | undefined,
  first: K,
): K {
  if (token === undefined) return first;
  const [of, ...key] = parse(token);
  const isAlike = key.length === first.length && key.every((part, index) => typeof part === typeof first[index]);
  if (of !== kind || !isAlike) throw invalidNextToken();
  return key as unknown as K; // Its parts were compared with those of `first`.
}

function parse(token: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return []; // Not a token of ours, which the caller says.
  }
}

/** Splits what was read with a limit of one more than the page into the page and its token. */
export function toPage<R>(rows: readonly R[], limit: number, tokenOf: (last: R) => string) {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, next: rows.length > limit && last !== undefined ? { nextToken: tokenOf(last) } : {} };
}
