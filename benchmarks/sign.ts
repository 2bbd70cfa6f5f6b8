/** Signs requests by AWS Signature Version 4 and writes them out as they go over the wire, so that sending costs nothing. */
import { createHash, createHmac } from "node:crypto";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** An operation of a JSON 1.1 service. */
export interface JsonCall {
  /** Host and port. */
  readonly host: string;
  /** Such as `CodePipeline_20150709.PutJobSuccessResult`. */
  readonly target: string;
  readonly input: object;
  readonly service: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** When it is signed. Epoch milliseconds. */
  readonly at: number;
}

const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/** A request to S3. */
export interface ObjectCall {
  /** Host and port. */
  readonly host: string;
  readonly method: "GET" | "PUT";
  /** Such as `/bucket/key`, of characters that need no escape. */
  readonly path: string;
  /** Hex of the body's SHA-256. */
  readonly payloadHash: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** When it is signed. Epoch milliseconds. */
  readonly at: number;
}

type Headers = readonly (readonly [string, string])[];

/** The bytes of an HTTP/1.1 request. */
export function signedRequest({ host, target, input, service, region, credentials, at }: JsonCall): Buffer {
  const body = JSON.stringify(input);
  const time = basicTime(at);
  const headers: Headers = [
    ["content-type", "application/x-amz-json-1.1"],
    ["host", host],
    ["x-amz-date", time],
    ...(credentials.sessionToken === undefined ? [] : [["x-amz-security-token", credentials.sessionToken] as const]),
    ["x-amz-target", target],
  ];
  const request = { start: "POST\n/\n", headers, payloadHash: hash(body), service, region, credentials, time };
  const sent = [
    ...headers,
    ["authorization", authorization(request)],
    ["content-length", String(Buffer.byteLength(body))],
  ];
  return Buffer.from(`POST / HTTP/1.1\r\n${sent.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`);
}

/** The headers of a request to S3, without those of its body's length. */
export function signedObjectHeaders(call: ObjectCall): Readonly<Record<string, string>> {
  const { host, method, path, payloadHash, region, credentials, at } = call;
  const time = basicTime(at);
  const headers: Headers = [
    ["host", host],
    ["x-amz-content-sha256", payloadHash],
    ["x-amz-date", time],
  ];
  const start = `${method}\n${path}\n`;
  const request = { start, headers, payloadHash, service: "s3", region, credentials, time };
  return { ...Object.fromEntries(headers), authorization: authorization(request) };
}

interface ToSign extends Pick<JsonCall, "service" | "region" | "credentials"> {
  /** The canonical request up to the query. */
  readonly start: string;
  /** By name in order. */
  readonly headers: Headers;
  readonly payloadHash: string;
  readonly time: string;
}

/** Source: AWS General Reference, "Signature Version 4 signing process". */
function authorization({ start, headers, payloadHash, service, region, credentials, time }: ToSign): string {
  const lines = headers.map(([name, value]) => `${name}:${value}\n`).join("");
  const names = headers.map(([name]) => name).join(";");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const canonical = `${start}\n${lines}\n${names}\n${payloadHash}`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash(canonical)}`;
  const key = signingKey(credentials.secretAccessKey, time.slice(0, 8), region, service);
  const signature = hmac(key, text).toString("hex");
  return `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

/** Such as `20150830T123600Z`. */
const basicTime = (at: number) => new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, "");

/** The key that signs a day's requests to a service. `day` is such as `20150830`. */
export function signingKey(secretAccessKey: string, day: string, region: string, service: string): Buffer {
  return hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), service), "aws4_request");
}
