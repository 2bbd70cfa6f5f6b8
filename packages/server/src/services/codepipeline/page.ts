import { invalidNextToken } from "./errors.ts";

/** How many items a page has when the caller does not say. Source: reference §9. */
export const PAGE_COUNT_DEFAULT = 100;

/** A token that carries the key of the last item of a page. Opaque to clients. */
export function toNextToken(kind: string, key: string | number): string {
  return Buffer.from(JSON.stringify([kind, key])).toString("base64url");
}

/** The key in a token of the same kind of list. */
export function fromNextToken<K extends string | number>(kind: string, token: string | undefined, first: K): K {
  if (token === undefined) return first;
  const [of, key] = parse(token);
  if (of !== kind || typeof key !== typeof first) throw invalidNextToken();
  return key as K; // its type was compared with that of `first`
}

function parse(token: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

/** Splits what was read with a limit of one more than the page into the page and its token. */
export function toPage<R>(rows: readonly R[], count: number, token: (last: R) => string) {
  const page = rows.slice(0, count);
  const last = page.at(-1);
  return { page, next: rows.length > count && last !== undefined ? { nextToken: token(last) } : {} };
}
