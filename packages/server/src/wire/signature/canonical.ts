import { createHash, hash } from "node:crypto";
import { isAscii, type WireRequest } from "../request.ts";
import { decodePercent, encodePath, encodeStrictly } from "../uri.ts";

/** The SHA-256 of nothing, in hex. */
export const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** The SHA-256 of bytes or of a text's bytes, in hex. */
export function sha256Hex(data: Buffer | string): string {
  return hash("sha256", data, "hex");
}

/**
 * The canonical request of Signature Version 4, over the raw request.
 *
 * `path` is one of `canonicalPaths`, `signedHeaders` the list as the client sent it, `payloadHash` a hash
 * in hex or a name such as `UNSIGNED-PAYLOAD`.
 */
export function canonicalRequest(
  request: WireRequest,
  path: string,
  signedHeaders: string,
  payloadHash: string,
): string {
  let headers = "";
  for (const name of signedHeaders.split(";")) headers += `${name}:${headerText(request.headers[name])}\n`;
  return `${request.method}\n${path}\n${canonicalQuery(request)}\n${headers}\n${signedHeaders}\n${payloadHash}`;
}

/** The hash of a canonical request; header values stand in it with the bytes that came over the wire. */
export function canonicalHash(canonical: string): string {
  if (isAscii(canonical)) return hash("sha256", canonical, "hex");
  return createHash("sha256").update(canonical, "latin1").digest("hex");
}

function headerText(value: string | string[] | undefined): string {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : value.join(",");
  return text.includes("  ") ? text.trim().replace(/ {2,}/g, " ") : text.trim();
}

function canonicalQuery(request: WireRequest): string {
  if (request.query === "") return "";
  return request.parameters
    .filter(({ name }) => name !== "X-Amz-Signature")
    .map(({ name, value }): readonly [string, string] => [encodeStrictly(name), encodeStrictly(value)])
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The forms of the path that a client may have signed, the likely one first.
 *
 * S3 signs the path as it is, once encoded and never normalised. The other services remove dot segments and
 * double slashes and encode what is encoded already once more. Where clients differ on what they
 * encode, each form still stands for this one path, so accepting both gives nothing away.
 */
export function canonicalPaths(path: string, s3: boolean): readonly string[] {
  if (path === "/") return [path];
  if (s3) return unique(path, encodePath(decodePercent(path) ?? path));
  const normal = removeDotSegments(path);
  return unique(encodePath(normal), encodeURIComponent(normal).replaceAll("%2F", "/"));
}

function unique(likely: string, other: string): readonly string[] {
  return likely === other ? [likely] : [likely, other];
}

function removeDotSegments(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  return kept.length === 0 ? "/" : `/${kept.join("/")}${path.endsWith("/") ? "/" : ""}`;
}
