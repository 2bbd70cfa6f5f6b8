/**
 * Signature Version 2, which S3 alone still takes: boto3 signs URLs with it unless it is told otherwise, and older
 * clients sign requests with it.
 *
 * A request carries `Authorization: AWS key:signature`, or is a URL with `AWSAccessKeyId`, `Signature` and `Expires`.
 * The signature is over method, `Content-MD5`, `Content-Type`, date, the `x-amz-*` headers and the resource, thus
 * neither over the host nor over a region. In a URL, headers may stand in the query under their own names.
 *
 * Source: S3 user guide, "Signing and authenticating REST requests" (Signature Version 2).
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Principal } from "../operation.ts";
import { withQueryHeaders } from "../protocol/query-headers.ts";
import { s3Path } from "../protocol/s3-path.ts";
import { header, parameter, type WireRequest } from "../request.ts";
import { decodePercent } from "../uri.ts";
import {
  type Authenticated,
  type AuthenticateOptions,
  basicDate,
  CLOCK_SKEW_MS_MAX,
  keyRefused,
  signatureMismatch,
  skewed,
} from "./authenticate.ts";
import { canonicalPaths } from "./canonical.ts";
import { Refusal } from "./refusal.ts";

/** Whether a request is signed in this way, well or badly. */
export function isVersionTwo(request: WireRequest): boolean {
  if (request.headers.authorization?.startsWith("AWS ")) return true;
  if (request.query === "") return false;
  return parameter(request, "AWSAccessKeyId") !== undefined || parameter(request, "Signature") !== undefined;
}

type Options<P extends Principal> = Pick<AuthenticateOptions<P>, "clockNow" | "findKey">;

/** Checks a request's signature. The answer has no region, because nothing signed names one. Throws a `Refusal`. */
export function authenticateVersionTwo<P extends Principal>(
  request: WireRequest,
  { clockNow, findKey }: Options<P>,
): Authenticated<P> {
  const presented = read(request, clockNow);
  const { accessKeyId, signature } = presented;
  const answer = findKey(accessKeyId, header(presented.request, "x-amz-security-token"));
  if (!answer.found) throw keyRefused(answer.reason, accessKeyId);
  const given = Buffer.from(signature, "base64");
  let toSign = "";
  for (const path of signedPaths(s3Path(request))) {
    toSign = stringToSign(presented, path);
    const expected = createHmac("sha1", answer.secretAccessKey).update(toSign, "latin1").digest();
    if (given.length === expected.length && timingSafeEqual(given, expected))
      return { principal: answer.principal, region: undefined, seed: undefined };
  }
  const StringToSign = toSign.replace(/^(x-amz-security-token:).*$/m, "$1(not shown)");
  throw new Refusal("badSignature", signatureMismatch, {
    detail: { AWSAccessKeyId: accessKeyId, StringToSign, SignatureProvided: signature },
  });
}

/** boto3 signs a bucket with a slash behind it, which it does not send. */
function signedPaths(path: string): readonly string[] {
  return /^\/[^/]+$/.test(path) ? [path, `${path}/`] : canonicalPaths(path, true);
}

interface Presented {
  /** With the headers that stand in the query. */
  readonly request: WireRequest;
  readonly accessKeyId: string;
  readonly signature: string;
  /** What stands in the place of the date: nothing beside `x-amz-date`, and in a URL the end of its life. */
  readonly date: string;
}

function read(request: WireRequest, now: number): Presented {
  const authorization = header(request, "authorization");
  if (authorization === undefined) return fromQuery(request, now);
  if (parameter(request, "Signature") !== undefined)
    throw new Refusal(
      "twoSignatures",
      "Found both 'Signature' as a query-string param and 'Authorization' as HTTP header.",
    );
  return fromHeader(request, authorization, now);
}

function fromQuery(request: WireRequest, now: number): Presented {
  const accessKeyId = parameter(request, "AWSAccessKeyId");
  const signature = parameter(request, "Signature");
  const expires = parameter(request, "Expires");
  if (!accessKeyId || !signature || !expires) {
    throw denied("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
  }
  if (!/^\d{1,12}$/.test(expires)) throw denied(`Invalid date (should be seconds since epoch): ${expires}`);
  const expiresAt = Number(expires) * 1_000;
  if (expiresAt < now) {
    const detail = { Expires: new Date(expiresAt).toISOString(), ServerTime: new Date(now).toISOString() };
    throw denied("Request has expired", detail);
  }
  // A plus sign that was not escaped reads as a space.
  const presented = { accessKeyId, signature: signature.replaceAll(" ", "+"), date: expires };
  return { request: withQueryHeaders(request), ...presented };
}

function fromHeader(request: WireRequest, authorization: string, now: number): Presented {
  const [, accessKeyId, signature] = /^AWS ([^\s:]+):(\S+)$/.exec(authorization) ?? [];
  if (!accessKeyId || !signature) {
    const s3Text = "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature";
    throw new Refusal("incomplete", s3Text, {
      s3Code: "InvalidArgument",
      s3Text,
      detail: { ArgumentName: "Authorization" },
    });
  }
  const amzDate = header(request, "x-amz-date");
  const date = amzDate ?? header(request, "date");
  checkAge(date, now);
  return { request, accessKeyId, signature, date: amzDate === undefined ? (date ?? "") : "" };
}

function checkAge(date: string | undefined, now: number): void {
  const basic = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
  const at = Date.parse(date?.replace(basic, "$1-$2-$3T$4:$5:$6Z") ?? "");
  if (date === undefined || Number.isNaN(at)) throw new Refusal("noDate", "There is no valid date.");
  if (Math.abs(now - at) > CLOCK_SKEW_MS_MAX)
    throw new Refusal("expired", "The clocks differ.", skewed(basicDate(at), now));
}

function denied(s3Text: string, detail: Readonly<Record<string, unknown>> = {}): Refusal {
  return new Refusal("incomplete", s3Text, { s3Code: "AccessDenied", s3Text, detail });
}

/** In the form that headers have in Node: a character a byte. */
function stringToSign({ request, date }: Presented, path: string): string {
  const md5 = header(request, "content-md5") ?? "";
  const type = header(request, "content-type") ?? "";
  return `${request.method}\n${md5}\n${type}\n${date}\n${amzHeaders(request)}${asBytes(path + subresources(request.query))}`;
}

function amzHeaders({ headers }: WireRequest): string {
  const names = Object.keys(headers).filter((name) => name.startsWith("x-amz-"));
  return names
    .sort()
    .map((name) => `${name}:${[headers[name] ?? ""].flat().join(",").trim()}\n`)
    .join("");
}

/** The parameters that say what of a resource is meant, or change the answer's headers. Names as the official clients have them. */
const SUBRESOURCES: ReadonlySet<string> = new Set(
  `accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging metrics notification
  object-lock partNumber policy replication requestPayment response-cache-control response-content-disposition
  response-content-encoding response-content-language response-content-type response-expires restore select select-type
  storageClass tagging torrent uploadId uploads versionId versioning versions website`.split(/\s+/),
);

function subresources(query: string): string {
  const parts = query.split("&").map((pair) => {
    const [name = "", ...value] = pair.split("=");
    return [name, value.length === 0 ? undefined : decoded(value.join("="))] as const;
  });
  const named = parts.filter(([name]) => SUBRESOURCES.has(name)).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  if (named.length === 0) return "";
  return `?${named.map(([name, value]) => (value === undefined ? name : `${name}=${value}`)).join("&")}`;
}

function decoded(value: string): string {
  return decodePercent(value.replaceAll("+", " ")) ?? value;
}

function asBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
