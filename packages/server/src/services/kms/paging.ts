import { invalidMarker } from "./errors.ts";

export interface Page<T> {
  readonly items: readonly T[];
  readonly Truncated: boolean;
  readonly NextMarker?: string;
}

/** How many keys a page has when nobody says. Source: KMS API reference, ListKeys. */
export const KEYS_PAGE_DEFAULT = 100;

/** How many aliases a page has when nobody says. Source: KMS API reference, ListAliases. */
export const ALIASES_PAGE_DEFAULT = 50;

/** Makes a page of what was read, with one row more than asked for when there is a next page. */
export function toPage<T>(rows: readonly T[], limit: number, nameOf: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if (rows.length <= limit || last === undefined) return { items, Truncated: false };
  return { items, Truncated: true, NextMarker: Buffer.from(nameOf(last), "utf8").toString("base64") };
}

/** The name that a page starts after. Errors: `InvalidMarkerException`. */
export function fromMarker(marker: string | undefined): string {
  if (marker === undefined) return "";
  const name = Buffer.from(marker, "base64");
  if (name.toString("base64") !== marker) throw invalidMarker();
  return name.toString("utf8");
}
