/**
 * Who sent a request: Signature Version 4 in the header or in the query. Version 2 is in `version-two.ts`.
 *
 * The checks and their order are those of the services (reference §1.2): first what is there, then dates, then the
 * scope, then the key and its session, and the signature itself last. A session's token is looked at together
 * with its key, thus before the signature, because the secret is sealed in the token.
 */
import { type KeyObject, timingSafeEqual } from "node:crypto";
import type { Principal } from "../operation.ts";
import { withQueryHeaders } from "../protocol/query-headers.ts";
import { header, type WireRequest } from "../request.ts";
import { canonicalHash, canonicalPaths, canonicalRequest } from "./canonical.ts";
import { type PresentedSignature, readSignature } from "./presented.ts";
import { type Dialect, Refusal, type S3Words } from "./refusal.ts";
import { hmac, type Scope, type SigningKeys } from "./signing-key.ts";

/** How far a client's clock may be off. Source: reference §1.2. Unit: milliseconds. */
export const CLOCK_SKEW_MS_MAX = 15 * 60_000;

/** The longest life of a presigned URL. Source: S3 user guide, presigned URLs. Unit: seconds. */
const PRESIGNED_SECONDS_MAX = 604_800;

/** What a lookup of an access key answers. */
export type KeyAnswer<P extends Principal> =
  | { readonly found: true; readonly secretAccessKey: string; readonly principal: P }
  | { readonly found: false; readonly reason: "unknownKey" | "badToken" | "expiredToken" };

export interface AuthenticateOptions<P extends Principal> {
  /** The name that the scope must have. */
  readonly service: string;
  readonly dialect: Dialect;
  readonly keys: SigningKeys;
  /** `clockNow` is compared with the signature's date. Epoch milliseconds. */
  readonly clockNow: number;
  findKey(accessKeyId: string, sessionToken: string | undefined): KeyAnswer<P>;
  /** The hash that the client signed; asked for last. */
  payloadHash(presented: PresentedSignature): string;
}

export interface Authenticated<P extends Principal> {
  readonly principal: P;
  /** Absent where nothing signed names one, as in Signature Version 2. */
  readonly region: string | undefined;
  /** What the signatures of the body's chunks continue; Signature Version 2 has none. */
  readonly seed: SignatureSeed | undefined;
}

export interface SignatureSeed {
  readonly signature: string;
  readonly key: KeyObject;
  /** `20130609T100015Z`. */
  readonly date: string;
  /** `YYYYMMDD/region/service/aws4_request`. */
  readonly scope: string;
}

/** Checks a request's signature. Throws a `Refusal`. */
export function authenticate<P extends Principal>(
  request: WireRequest,
  options: AuthenticateOptions<P>,
): Authenticated<P> {
  const presented = readSignature(request);
  const { date, signedAt } = readDate(presented, options.dialect);
  checkAge(presented, date, signedAt, options.clockNow);
  checkSignedHeaders(request, presented, options.dialect);
  checkAlgorithm(presented);
  const scope = readScope(presented, date, options.service);
  const answer = options.findKey(scope.accessKeyId, presented.sessionToken);
  if (!answer.found) throw keyRefused(answer.reason, scope.accessKeyId);
  const key = options.keys.find(scope, answer.secretAccessKey);
  const seed = { signature: presented.signature, key, date, scope: scopeText(scope) };
  checkSignature(request, presented, seed, options.payloadHash(presented), options.dialect === "rest-xml", scope);
  return { principal: answer.principal, region: scope.region, seed };
}

function readDate({ date: sent }: PresentedSignature, dialect: Dialect): { date: string; signedAt: number } {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(sent);
  if (parts) {
    const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
    const signedAt = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
    return { date: sent, signedAt };
  }
  const signedAt = dialect === "rest-xml" ? Date.parse(sent) : Number.NaN; // S3 takes the HTTP form too.
  if (!Number.isNaN(signedAt)) return { date: basicDate(signedAt), signedAt };
  throw new Refusal(
    "badDate",
    `Date must be in ISO-8601 'basic format'. Got '${sent}'. See http://en.wikipedia.org/wiki/ISO_8601`,
  );
}

/** `20130609T100015Z`. */
export function basicDate(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

function checkAge(presented: PresentedSignature, date: string, signedAt: number, now: number): void {
  const presigned = presented.style === "query" && presented.expires !== undefined;
  const lifeMs = presigned ? presignedSeconds(presented.expires ?? "") * 1_000 : CLOCK_SKEW_MS_MAX;
  if (signedAt < now - lifeMs) {
    const text = `Signature expired: ${date} is now earlier than ${basicDate(now - lifeMs)} (${basicDate(now)} - ${lifeMs / 60_000} min.)`;
    throw new Refusal("expired", text, presigned ? expiredUrl(presented, signedAt + lifeMs, now) : skewed(date, now));
  }
  if (signedAt > now + CLOCK_SKEW_MS_MAX) {
    const text = `Signature not yet current: ${date} is still later than ${basicDate(now + CLOCK_SKEW_MS_MAX)} (${basicDate(now)} + 15 min.)`;
    throw new Refusal("notYetCurrent", text, presigned ? earlyUrl(now) : skewed(date, now));
  }
}

/** What S3 says beside a time that is too far off. */
export function skewed(date: string, now: number): S3Words {
  const ServerTime = new Date(now).toISOString();
  return { detail: { RequestTime: date, ServerTime, MaxAllowedSkewMilliseconds: CLOCK_SKEW_MS_MAX } };
}

function expiredUrl({ expires }: PresentedSignature, expiredAt: number, now: number): S3Words {
  const Expires = new Date(expiredAt).toISOString();
  const detail = { "X-Amz-Expires": expires, Expires, ServerTime: new Date(now).toISOString() };
  return { s3Code: "AccessDenied", s3Text: "Request has expired", detail };
}

function earlyUrl(now: number): S3Words {
  const detail = { ServerTime: new Date(now).toISOString() };
  return { s3Code: "AccessDenied", s3Text: "Request is not yet valid", detail };
}

function presignedSeconds(text: string): number {
  const seconds = Number(text);
  const s3Text = !/^\d+$/.test(text)
    ? "X-Amz-Expires should be a number"
    : seconds > PRESIGNED_SECONDS_MAX
      ? "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"
      : undefined;
  if (s3Text) throw new Refusal("incomplete", s3Text, { s3Text, s3Code: "AuthorizationQueryParametersError" });
  return seconds;
}

function checkSignedHeaders(request: WireRequest, { signedHeaders }: PresentedSignature, dialect: Dialect): void {
  const signed = signedHeaders.split(";");
  if (!signed.includes("host")) {
    throw new Refusal("hostNotSigned", "'Host' must be a 'SignedHeader' in the AWS Authorization.", {
      detail: { HeadersNotSigned: "host" },
    });
  }
  if (dialect !== "rest-xml") return;
  const unsigned = Object.keys(request.headers).filter(
    (name) => name.startsWith("x-amz-") && name !== "x-amz-content-sha256" && !signed.includes(name),
  );
  if (unsigned.length === 0) return;
  throw new Refusal("headersNotSigned", `Headers are not signed: ${unsigned.join(", ")}`, {
    detail: { HeadersNotSigned: unsigned.join(", ") },
  });
}

function checkAlgorithm({ algorithm }: PresentedSignature): void {
  if (algorithm === "AWS4-HMAC-SHA256") return;
  throw new Refusal("badAlgorithm", `Unsupported AWS 'algorithm': '${algorithm}' (only AWS4-HMAC-SHA256 for now). `);
}

function readScope({ credential, style }: PresentedSignature, date: string, service: string): Scope {
  const parts = credential.split("/");
  const [accessKeyId, scopeDate, region, scopeService, terminator] = parts;
  if (parts.length !== 5 || !accessKeyId || !scopeDate || !region || !scopeService || !terminator) {
    const text = `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`;
    throw new Refusal("badCredential", text, {
      s3Text: `The authorization header is malformed; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`,
    });
  }
  const day = date.slice(0, 8);
  const wrong: (readonly [text: string, s3Text: string])[] = [];
  if (!/^[a-z0-9-]{1,32}$/.test(region)) {
    wrong.push([`Credential should be scoped to a valid region, not '${region}'. `, `the region '${region}' is wrong`]);
  }
  if (scopeService !== service) {
    wrong.push([
      `Credential should be scoped to correct service: '${service}'. `,
      `incorrect service "${scopeService}". This endpoint belongs to "${service}".`,
    ]);
  }
  if (terminator !== "aws4_request") {
    wrong.push([
      `Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'. `,
      `incorrect terminal "${terminator}". This endpoint uses "aws4_request".`,
    ]);
  }
  if (scopeDate !== day) {
    wrong.push([
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${scopeDate}' != '${day}', from '${date}'.`,
      `Invalid credential date "${scopeDate}". This date is not the same as X-Amz-Date: "${day}".`,
    ]);
  }
  if (wrong.length > 0) {
    const lead =
      style === "query" ? "Error parsing the X-Amz-Credential parameter; " : "The authorization header is malformed; ";
    const s3Text = `${lead}${wrong[0]?.[1]}`;
    throw new Refusal("badScope", wrong.map(([text]) => text).join(""), {
      s3Text,
      ...(style === "query" && { s3Code: "AuthorizationQueryParametersError" }),
    });
  }
  return { accessKeyId, date: scopeDate, region, service: scopeService };
}

function scopeText({ date, region, service }: Scope): string {
  return `${date}/${region}/${service}/aws4_request`;
}

/** The refusal of a key, or of the token that came with it. */
export function keyRefused(reason: "unknownKey" | "badToken" | "expiredToken", accessKeyId: string): Refusal {
  switch (reason) {
    case "unknownKey":
      return new Refusal(reason, "The security token included in the request is invalid.", {
        detail: { AWSAccessKeyId: accessKeyId },
      });
    case "badToken":
      return new Refusal(reason, "The security token included in the request is invalid");
    case "expiredToken":
      return new Refusal(reason, "The security token included in the request is expired");
  }
}

/** The text for a signature that is not right. */
export const signatureMismatch =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

function checkSignature(
  request: WireRequest,
  presented: PresentedSignature,
  seed: SignatureSeed,
  payloadHash: string,
  s3: boolean,
  scope: Scope,
): void {
  const given = Buffer.from(presented.signature, "hex");
  // A signed header may stand in the query of an S3 URL, as SDKs put it there.
  const signed = s3 && presented.style === "query" ? withQueryHeaders(request) : request;
  let toSign = "";
  for (const path of canonicalPaths(request.path, s3)) {
    const canonical = canonicalRequest(signed, path, presented.signedHeaders, payloadHash);
    toSign = `AWS4-HMAC-SHA256\n${seed.date}\n${seed.scope}\n${canonicalHash(canonical)}`;
    const expected = hmac(seed.key, toSign);
    if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  }
  throw new Refusal("badSignature", signatureMismatch, {
    detail: { AWSAccessKeyId: scope.accessKeyId, StringToSign: toSign, SignatureProvided: presented.signature },
  });
}

/** The hash that S3 clients sign: a header says it, a presigned URL leaves the body unsigned. */
export function s3PayloadHash(request: WireRequest, presented: PresentedSignature): string {
  const sent = header(request, "x-amz-content-sha256");
  if (sent !== undefined) return sent;
  if (presented.style === "query") return "UNSIGNED-PAYLOAD";
  throw new Refusal("badPayloadHash", "Missing required header for this request: x-amz-content-sha256", {
    s3Text: "Missing required header for this request: x-amz-content-sha256",
    s3Code: "InvalidRequest",
  });
}
