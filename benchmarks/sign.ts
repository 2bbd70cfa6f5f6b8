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

/** The bytes of an HTTP/1.1 request. Source: AWS General Reference, "Signature Version 4 signing process". */
export function signedRequest({ host, target, input, service, region, credentials, at }: JsonCall): Buffer {
  const body = JSON.stringify(input);
  const time = new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const headers: readonly (readonly [string, string])[] = [
    ["content-type", "application/x-amz-json-1.1"],
    ["host", host],
    ["x-amz-date", time],
    ...(credentials.sessionToken === undefined ? [] : [["x-amz-security-token", credentials.sessionToken] as const]),
    ["x-amz-target", target],
  ];
  const lines = headers.map(([name, value]) => `${name}:${value}\n`).join("");
  const names = headers.map(([name]) => name).join(";");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const canonical = `POST\n/\n\n${lines}\n${names}\n${hash(body)}`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash(canonical)}`;
  const key = signingKey(credentials.secretAccessKey, time.slice(0, 8), region, service);
  const signature = hmac(key, text).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  const sent = [...headers, ["authorization", authorization], ["content-length", String(Buffer.byteLength(body))]];
  return Buffer.from(`POST / HTTP/1.1\r\n${sent.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`);
}

/** The key that signs a day's requests to a service. `day` is such as `20150830`. */
export function signingKey(secretAccessKey: string, day: string, region: string, service: string): Buffer {
  return hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), service), "aws4_request");
}
