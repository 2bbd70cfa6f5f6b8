/**
 * Calls that go to AWS itself, because `penstock.yaml` says so. A function signs with credentials that only this server
 * knows, so what it asked is signed anew with those of whoever started the server, for the host that it meant.
 */
import type { KeyObject } from "node:crypto";
import { header, type WireRequest } from "./request.ts";
import { canonicalHash, canonicalPaths, canonicalRequest, sha256Hex } from "./signature/canonical.ts";
import { hmac, type Scope } from "./signature/signing-key.ts";
import { encodeStrictly } from "./uri.ts";

/** Credentials of a real account. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Hosts that are not called as the signature's scope is. Source: the official service models, where `signingName` is not `endpointPrefix`. */
const HOST_NAMES: Readonly<Record<string, string>> = {
  appstream: "appstream2",
  awsssoportal: "portal.sso",
  detective: "api.detective",
  ecr: "api.ecr",
  "ecr-public": "api.ecr-public",
  "iot-jobs-data": "data.jobs.iot",
  iotdata: "data-ats.iot",
  iotwireless: "api.iotwireless",
  memorydb: "memory-db",
  mobiletargeting: "pinpoint",
  pricing: "api.pricing",
  sagemaker: "api.sagemaker",
  ses: "email",
  "sso-oauth": "oidc",
};

/** Services with one host for all regions. Source: the official endpoints, where a service is not regionalized. */
const GLOBAL: ReadonlySet<string> = new Set(["budgets", "cloudfront", "route53", "waf"]);

const HOST_OF_AWS = /^[\w.-]+\.(?:amazonaws\.com|amazonaws\.com\.cn|api\.aws)(?::(?:80|443))?$/i;

/** Where a call belongs: the host that the caller named or, where it asked at this server's own address, the usual one. */
export function originOf(request: WireRequest, service: string, region: string): URL {
  const named = header(request, "host") ?? "";
  if (HOST_OF_AWS.test(named)) return new URL(`https://${named.replace(/:\d+$/, "")}`);
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const place = GLOBAL.has(service) ? service : `${HOST_NAMES[service] ?? service}.${region}`;
  return new URL(`https://${place}.${domain}`);
}

/** What is about one signature, or about the way here. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ...["authorization", "x-amz-date", "date", "x-amz-security-token", "x-amz-content-sha256", "host"],
  ...["connection", "keep-alive", "proxy-connection", "proxy-authorization", "transfer-encoding", "upgrade", "te"],
  ...["expect", "content-length"],
]);

/** Parameters of a signed URL. Source: Signature Version 4, "query string authentication". */
const OF_A_SIGNATURE = /^X-Amz-(?:Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Security-Token)$/i;

export interface Resigned {
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
}

export interface Signer {
  readonly credentials: AwsCredentials;
  /** Region and service of the scope that the caller signed for. */
  readonly region: string;
  readonly service: string;
  /** Epoch milliseconds of the real clock. */
  readonly now: number;
  findKey(scope: Scope, secret: string): KeyObject;
}

/** The same request with a signature of others, over all its headers. */
export function resign(request: WireRequest, origin: URL, body: Buffer, signer: Signer): Resigned {
  const { credentials, region, service } = signer;
  const time = `${new Date(signer.now).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  const kept = Object.entries(request.headers).filter(([name, value]) => value !== undefined && !LEFT_OUT.has(name));
  const headers: Record<string, string | string[]> = {
    ...(Object.fromEntries(kept) as Record<string, string | string[]>), // what is undefined was just left out
    host: origin.host,
    "x-amz-date": time,
    ...(credentials.sessionToken !== undefined && { "x-amz-security-token": credentials.sessionToken }),
  };
  const parameters = request.parameters.filter(({ name }) => !OF_A_SIGNATURE.test(name));
  const query = parameters.map(({ name, value }) => `${encodeStrictly(name)}=${encodeStrictly(value)}`).join("&");
  const names = Object.keys(headers).sort().join(";");
  const [path = request.path] = canonicalPaths(request.path, false);
  const canonical = canonicalRequest({ ...request, query, parameters, headers }, path, names, sha256Hex(body));
  const scope = { accessKeyId: credentials.accessKeyId, date: time.slice(0, 8), region, service };
  const place = `${scope.date}/${region}/${service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${place}\n${canonicalHash(canonical)}`;
  const signature = hmac(signer.findKey(scope, credentials.secretAccessKey), text).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope.accessKeyId}/${place}, SignedHeaders=${names}, Signature=${signature}`;
  const length = body.length > 0 ? { "content-length": String(body.length) } : {};
  return {
    path: query === "" ? request.path : `${request.path}?${query}`,
    headers: { ...headers, ...length, authorization },
  };
}
