import { createHmac } from "node:crypto";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import S3V2 from "aws-sdk/clients/s3.js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Answer, send } from "../../wire/testing/sign.ts";
import { at, type S3Server, startS3 } from "./testing/s3-server.ts";

vi.hoisted(() => {
  process.env["AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE"] = "1";
});

let server: S3Server;

beforeEach(async () => {
  server = await startS3();
});

afterEach(() => server.end());

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const ROOT: Credentials = { accessKeyId: "test", secretAccessKey: "test" };

const client = (credentials = ROOT, endpoint = server.endpoint) =>
  new S3V2({
    ...{ endpoint, region: "us-east-1", signatureVersion: "v2", maxRetries: 0, credentials },
    s3ForcePathStyle: endpoint === server.endpoint,
  });

/** A signed URL of the SDK v2. */
function signedUrl(operation: string, input: object, from = client()): URL {
  return new URL(from.getSignedUrl(operation, input));
}

/** Sends to a signed URL, whatever its host, without any header of a client. */
function ask(url: URL, method = "GET", body = "", headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return send(server.port, { method, url: url.pathname + url.search, body }, { host: url.host, ...headers });
}

describe("a URL of the SDK v2", () => {
  test("puts, gets, heads and deletes, in whatever region the bucket is", async () => {
    const put = signedUrl("putObject", at("a folder/é+.txt"));
    expect([...put.searchParams.keys()].sort()).toEqual(["AWSAccessKeyId", "Expires", "Signature"]);
    expect((await ask(put, "PUT", "text")).status).toBe(200);
    const got = await ask(signedUrl("getObject", at("a folder/é+.txt")));
    expect([got.status, got.body]).toEqual([200, "text"]);
    expect((await ask(signedUrl("headObject", at("a folder/é+.txt")), "HEAD")).headers["content-length"]).toBe("4");
    expect((await ask(signedUrl("deleteObject", at("a folder/é+.txt")), "DELETE")).status).toBe(204);
    expect((await ask(signedUrl("getObject", at("a folder/é+.txt")))).body).toContain("NoSuchKey");
  });

  test("may have the bucket in its host", async () => {
    await server.put("k", "hosted");
    const url = signedUrl("getObject", at("k"), client(ROOT, `http://localhost:${server.port}`));
    expect(url.host).toBe(`artifacts.localhost:${server.port}`);
    expect((await ask(url)).body).toBe("hosted");
  });

  test("may change the answer's headers, which are signed, and name a version", async () => {
    await server.objects.setVersioning("artifacts", "Enabled");
    const { VersionId } = await server.put("k", "first");
    await server.put("k", "second");
    const input = { ...at("k"), VersionId, ResponseContentType: "text/x; a=b", ResponseCacheControl: "no-store" };
    const url = signedUrl("getObject", input);
    const answer = await ask(url);
    expect(answer.body).toBe("first");
    expect(answer.headers).toMatchObject({ "content-type": "text/x; a=b", "cache-control": "no-store" });
    url.searchParams.set("response-content-type", "text/html");
    expect((await ask(url)).body).toContain("SignatureDoesNotMatch");
  });

  test("brings the headers that it was signed with", async () => {
    const input = { ...at("k"), ContentType: "text/x-sent", Metadata: { colour: "blue" }, CacheControl: "no-store" };
    const url = signedUrl("putObject", input);
    expect((await ask(url, "PUT", "text", { "cache-control": "no-store" })).status).toBe(200);
    expect(await server.objects.find({ bucket: "artifacts", key: "k" })).toMatchObject({
      contentType: "text/x-sent",
      metadata: { colour: "blue" },
    });
    expect((await ask(url, "PUT", "text", { "content-type": "text/other" })).body).toContain("SignatureDoesNotMatch");
  });

  test("ends with its time, with another method, and with another key", async () => {
    await server.put("k");
    const url = signedUrl("getObject", { ...at("k"), Expires: -1 });
    const expired = await ask(url);
    expect(expired.status).toBe(403);
    expect(expired.body).toMatch(/<Code>AccessDenied<.*<Message>Request has expired<.*<Expires>.*<ServerTime>/);
    const good = signedUrl("getObject", at("k"));
    const expires = good.searchParams.get("Expires") ?? "";
    const other = await ask(good, "DELETE");
    expect(other.status).toBe(403);
    expect(other.body).toMatch(/<Code>SignatureDoesNotMatch<.*<AWSAccessKeyId>test</);
    expect(other.body).toContain(`<StringToSign>DELETE\n\n\n${expires}\n/artifacts/k</StringToSign>`);
    good.searchParams.set("Expires", String(Number(expires) + 1));
    expect((await ask(good)).body).toContain("SignatureDoesNotMatch");
    good.searchParams.set("AWSAccessKeyId", "other");
    expect((await ask(good)).body).toContain("InvalidAccessKeyId");
  });

  test("that lacks something or says nonsense is told so", async () => {
    const url = signedUrl("getObject", at("k"));
    url.searchParams.set("Expires", "tomorrow");
    expect((await ask(url)).body).toContain("Invalid date (should be seconds since epoch): tomorrow");
    url.searchParams.delete("Expires");
    const answer = await ask(url);
    expect(answer.status).toBe(403);
    expect(answer.body).toContain("requires the Signature, Expires and AWSAccessKeyId parameters");
    const twice = await ask(signedUrl("getObject", at("k")), "GET", "", { authorization: "AWS test:x" });
    expect(twice.body).toContain("Only one auth mechanism allowed");
  });

  test("of a session has its token, which no error shows", async () => {
    const credentials = server.identity.issueRootSession({
      account: "000000000000",
      durationSeconds: 900,
      now: Date.now(),
    });
    await server.put("k", "for a session");
    const url = signedUrl("getObject", at("k"), client(credentials));
    expect((await ask(url)).body).toBe("for a session");
    const mismatch = (await ask(url, "HEAD")).status;
    expect(mismatch).toBe(403);
    const shown = (await ask(url, "DELETE")).body;
    expect(shown).toContain("x-amz-security-token:(not shown)");
    expect(shown).not.toContain(credentials.sessionToken);
    url.searchParams.delete("x-amz-security-token");
    expect((await ask(url)).body).toContain("InvalidAccessKeyId");
  });

  test("does not open what KMS protects, as in the service", async () => {
    await server.client.send(new PutObjectCommand({ ...at("k"), Body: "x", ServerSideEncryption: "aws:kms" }));
    const answer = await ask(signedUrl("getObject", at("k")));
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("require AWS Signature Version 4");
    const put = signedUrl("putObject", { ...at("other"), ServerSideEncryption: "aws:kms" });
    expect((await ask(put, "PUT", "x")).body).toContain("require AWS Signature Version 4");
  });
});

describe("a request of the SDK v2 with a header", () => {
  test("does whatever one of version 4 does", async () => {
    const s3 = client();
    await s3.putObject({ ...at("a b"), Body: "text", ContentType: "text/x", Metadata: { one: "1  2" } }).promise();
    const found = await s3.getObject({ ...at("a b"), ResponseContentLanguage: "de" }).promise();
    expect([found.Body?.toString(), found.ContentType, found.Metadata]).toEqual(["text", "text/x", { one: "1  2" }]);
    expect(found.ContentLanguage).toBe("de");
    const body = Buffer.alloc(5 * 1024 ** 2 + 1, "x");
    await s3.upload({ ...at("big"), Body: body }, { partSize: 5 * 1024 ** 2 }).promise();
    await s3.deleteObjects({ Bucket: "artifacts", Delete: { Objects: [{ Key: "big" }] } }).promise();
    const listed = await s3.listObjectsV2({ Bucket: "artifacts", Prefix: "a" }).promise();
    expect(listed.Contents?.map(({ Key }) => Key)).toEqual(["a b"]);
    await s3.createBucket({ Bucket: "by-version-two" }).promise();
    expect((await server.objects.bucket("by-version-two")).region).toBe("us-east-1");
  });

  test("is refused with S3's codes", async () => {
    const wrong = client({ accessKeyId: "test", secretAccessKey: "other" });
    await expect(wrong.getObject(at("k")).promise()).rejects.toMatchObject({
      code: "SignatureDoesNotMatch",
      statusCode: 403,
    });
    const old = await sendSigned("GET", "/artifacts/k", new Date(Date.now() - 16 * 60_000).toUTCString());
    expect(old.body).toMatch(/<Code>RequestTimeTooSkewed<.*<MaxAllowedSkewMilliseconds>900000</);
    expect((await sendSigned("GET", "/artifacts/k", "yesterday")).body).toContain("valid Date or x-amz-date header");
    const malformed = { host: "127.0.0.1", authorization: "AWS test", date: new Date().toUTCString() };
    const answer = await send(server.port, { method: "GET", url: "/artifacts/k" }, malformed);
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining("Expected AwsAccessKeyId:signature")]);
  });

  test("cannot bring signed chunks", async () => {
    const more = { "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "content-length": "1" };
    const answer = await sendSigned("PUT", "/artifacts/k", new Date().toUTCString(), more);
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining("AWS4-HMAC-SHA256")]);
  });
});

function sendSigned(method: string, url: string, date: string, more: Readonly<Record<string, string>> = {}) {
  const amz = Object.entries(more).filter(([name]) => name.startsWith("x-amz-"));
  const lines = amz.map(([name, value]) => `${name}:${value}\n`).join("");
  const signature = createHmac("sha1", "test").update(`${method}\n\n\n${date}\n${lines}${url}`).digest("base64");
  const headers = { host: "127.0.0.1", date, authorization: `AWS test:${signature}`, ...more };
  return send(server.port, { method, url, body: method === "PUT" ? "x" : "" }, headers);
}
