import { invalidMarker } from "./errors.ts";

export interface Page<T> {
  readonly items: readonly T[];
  readonly IsTruncated: boolean;
  readonly Marker?: string;
}

/** How many items a page has when nobody says. Source: IAM API reference. */
export const PAGE_ITEMS_DEFAULT = 100;

/** Makes a page of what was read, with one row more than asked for when there is a next page. */
export function toPage<T>(rows: readonly T[], limit: number, nameOf: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if (rows.length <= limit || last === undefined) return { items, IsTruncated: false };
  return { items, IsTruncated: true, Marker: Buffer.from(nameOf(last), "utf8").toString("base64") };
}

/** The name that a page starts after. Errors: `ValidationError`. */
export function fromMarker(marker: string | undefined): string {
  if (marker === undefined) return "";
  const name = Buffer.from(marker, "base64");
  if (name.toString("base64") !== marker) throw invalidMarker(marker);
  return name.toString("utf8");
}
