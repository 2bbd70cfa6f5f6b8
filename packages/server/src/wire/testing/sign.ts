import { createHash, createHmac } from "node:crypto";
import { request } from "node:http";

/** A request as a test signs it by hand, to get wrong what no SDK gets wrong. */
export interface SignedRequest {
  readonly method?: string;
  /** Raw path and query, as it goes over the wire. */
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly region?: string;
  readonly service: string;
  /** `20130609T100015Z`. */
  readonly date?: string;
  readonly scopeDate?: string;
  readonly terminator?: string;
  /** What the canonical request says of the path, where it is not the raw path. */
  readonly canonicalPath?: string;
  readonly signedHeaders?: readonly string[];
  readonly payloadHash?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const hash = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/** The time now, or of an epoch time, as signatures write it. */
export function basicDate(at = Date.now()): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

/** The headers of a request with its signature. */
export function sign(signed: SignedRequest, host: string): Record<string, string> {
  const { method = "POST", url = "/", body = "", region = "us-east-1", service } = signed;
  const date = signed.date ?? basicDate();
  const headers: Record<string, string> = { host, "x-amz-date": date, ...signed.headers };
  const names = signed.signedHeaders ?? Object.keys(headers).sort();
  const [path = "/", query = ""] = url.split("?");
  const canonical = [
    method,
    signed.canonicalPath ?? path,
    query.split("&").sort().join("&"),
    ...names.map((name) => `${name}:${headers[name] ?? ""}`),
    "",
    names.join(";"),
    signed.payloadHash ?? headers["x-amz-content-sha256"] ?? hash(body),
  ].join("\n");
  const scopeDate = signed.scopeDate ?? date.slice(0, 8);
  const terminator = signed.terminator ?? "aws4_request";
  const scope = `${scopeDate}/${region}/${service}/${terminator}`;
  const key = signingKey(signed, scopeDate, region, service, terminator);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash(canonical)}`).toString("hex");
  headers["authorization"] =
    `AWS4-HMAC-SHA256 Credential=${signed.accessKeyId ?? "test"}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return headers;
}

/** The key that a test signs with. */
export function signingKey(
  { secretAccessKey = "test" }: Pick<SignedRequest, "secretAccessKey">,
  scopeDate: string,
  region: string,
  service: string,
  terminator = "aws4_request",
): Buffer {
  return hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, scopeDate), region), service), terminator);
}

/** Sends a request exactly as given. */
export function send(
  port: number,
  { method = "POST", url = "/", body = "" }: Pick<SignedRequest, "method" | "url" | "body">,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const client = request({ host: "127.0.0.1", port, method, path: url, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString() }),
      );
    });
    client.on("error", reject);
    client.end(body);
  });
}

/** Signs and sends. */
export function sendSigned(port: number, signed: SignedRequest): Promise<Answer> {
  return send(port, signed, sign(signed, `127.0.0.1:${port}`));
}
