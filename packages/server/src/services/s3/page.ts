import { invalidArgument } from "./errors.ts";

/** The most that one answer lists, whatever was asked. Source: S3 API reference, ListObjectsV2. */
export const PAGE_COUNT_MAX = 1000;

/** Errors: `InvalidArgument`. */
export function pageLimit(asked: number | undefined, name: string): number {
  if (asked === undefined) return PAGE_COUNT_MAX;
  if (asked < 0)
    throw invalidArgument(`Argument ${name} must be an integer between 0 and 2147483647`, name, String(asked));
  return Math.min(asked, PAGE_COUNT_MAX);
}

/** How keys are spelled in an answer, by the `encoding-type` of the request. */
export function keyEncoder(encodingType: string | undefined): (key: string) => string {
  return encodingType === "url" ? encodeKey : (key) => key;
}

/** A token that only we can read: where the next page begins. */
export function toToken(key: string): string {
  return Buffer.from(key).toString("base64url");
}

/** Errors: `InvalidArgument`. */
export function fromToken(token: string): string {
  const key = Buffer.from(token, "base64url").toString();
  if (key === "" || toToken(key) !== token) {
    throw invalidArgument("The continuation token provided is incorrect", "continuation-token", token);
  }
  return key;
}

function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll("%2F", "/");
}
