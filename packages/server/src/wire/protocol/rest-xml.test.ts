import { Readable } from "node:stream";
import {
  CompleteMultipartUploadCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketReplicationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import S3V2 from "aws-sdk/clients/s3.js";
import { expect, test } from "vitest";
import { model } from "../../services/s3/model.generated.ts";
import type { Operations, PutObjectInput } from "../../services/s3/shapes.generated.ts";
import { ServiceError } from "../error.ts";
import { service } from "../service.ts";
import { trailersOf } from "../signature/payload.ts";
import { clientOptions, type Listening, listen } from "../testing/listen.ts";
import { basicDate, send, sendSigned, sign } from "../testing/sign.ts";

interface Bucket {
  /** What operations were given, without their bodies. */
  readonly inputs: { readonly name: string; readonly input: object }[];
  readonly objects: Map<string, { readonly body: Buffer; readonly input: PutObjectInput }>;
  readonly trailers: Readonly<Record<string, string>>[];
}

async function readAll(body: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

function startBucket() {
  const bucket: Bucket = { inputs: [], objects: new Map(), trailers: [] };
  const note = (name: string, input: object) => bucket.inputs.push({ name, input });
  const s3 = service<Bucket, Operations>({
    model,
    context: bucket,
    operations: {
      ListBuckets: {
        name: "ListBuckets",
        run: async () => ({ Buckets: [{ Name: "b & c", CreationDate: 1_790_648_060_701 }], Owner: { ID: "o" } }),
      },
      PutObject: {
        name: "PutObject",
        async run(input, { objects, trailers }) {
          const body = await readAll(input.Body);
          trailers.push(trailersOf(input.Body));
          objects.set(`${input.Bucket} ${input.Key}`, { body, input });
          return { ETag: '"e"' };
        },
      },
      GetObject: {
        name: "GetObject",
        async run({ Bucket, Key, Range, IfNoneMatch }, { objects }) {
          const found = objects.get(`${Bucket} ${Key}`);
          if (!found) throw new ServiceError("NoSuchKey", "The specified key does not exist.", 404, { Key });
          if (IfNoneMatch) throw new ServiceError("NotModified", "Not Modified", 304, { headers: { etag: '"e"' } });
          const { body, input } = found;
          const part = Range ? body.subarray(0, 2) : body;
          return {
            Body: Readable.from([part]),
            ContentLength: part.length,
            ...(Range && { ContentRange: `bytes 0-1/${body.length}` }),
            Metadata: input.Metadata ?? {},
            LastModified: 1_790_648_060_000,
          };
        },
      },
      HeadObject: {
        name: "HeadObject",
        async run({ Bucket, Key }, { objects }) {
          const found = objects.get(`${Bucket} ${Key}`);
          if (!found) throw new ServiceError("NoSuchKey", "The specified key does not exist.", 404, { Key });
          return { ContentLength: found.body.length, ETag: '"e"' };
        },
      },
      ListObjectsV2: {
        name: "ListObjectsV2",
        async run(input) {
          note("ListObjectsV2", input);
          const Contents = [{ Key: "a<b>&\u0001", Size: 1 }, { Key: "c" }];
          return { Name: input.Bucket, Contents, CommonPrefixes: [{ Prefix: "p/" }], KeyCount: 2, IsTruncated: false };
        },
      },
      UploadPart: {
        name: "UploadPart",
        async run({ Body, PartNumber, UploadId }) {
          return { ETag: `"${PartNumber} ${UploadId} ${(await readAll(Body)).length}"` };
        },
      },
      CompleteMultipartUpload: {
        name: "CompleteMultipartUpload",
        async run(input) {
          note("CompleteMultipartUpload", input);
          return { Location: "l", ETag: '"e-2"' };
        },
      },
      DeleteObjects: {
        name: "DeleteObjects",
        async run(input) {
          note("DeleteObjects", input);
          return { Deleted: [{ Key: "a" }], Errors: [{ Key: "b", Code: "AccessDenied", Message: "no" }] };
        },
      },
      PutBucketVersioning: {
        name: "PutBucketVersioning",
        async run(input) {
          note("PutBucketVersioning", input);
          return {};
        },
      },
      PutBucketPolicy: {
        name: "PutBucketPolicy",
        async run(input) {
          note("PutBucketPolicy", input);
          return {};
        },
      },
      GetBucketPolicy: { name: "GetBucketPolicy", run: async () => ({ Policy: '{"Version":"2012-10-17"}' }) },
      GetBucketLocation: { name: "GetBucketLocation", run: async () => ({ LocationConstraint: "eu-west-1" }) },
    },
  });
  return { bucket, s3 };
}

const client = (server: Listening) => new S3Client({ ...clientOptions(server), forcePathStyle: true });

const put = (Key: string, Body: string | Buffer | Readable = "x") => new PutObjectCommand({ Bucket: "b", Key, Body });

test("keys arrive as they were meant, whatever is in them", async () => {
  const { bucket, s3 } = startBucket();
  await using server = await listen({ s3 });
  const keys = [
    "a",
    "a/b/",
    "a//b",
    "/a",
    "a/../b",
    "./a",
    "a%2Fb",
    "a+b",
    "a b",
    "ü/日本/🙂",
    "a!'()*~;:@&=$,?#b",
    "%",
    "a\\b",
  ];
  for (const key of keys) await client(server).send(put(key));
  expect([...bucket.objects.keys()]).toEqual(keys.map((key) => `b ${key}`));
  const old = new S3V2({ ...clientOptions(server), s3ForcePathStyle: true, maxRetries: 0, signatureVersion: "v4" });
  bucket.objects.clear();
  for (const key of keys) await old.putObject({ Bucket: "b", Key: key, Body: "x" }).promise();
  expect([...bucket.objects.keys()]).toEqual(keys.map((key) => `b ${key}`));
});

test("a raw path is verified as it came, not tidied", async () => {
  const { bucket, s3 } = startBucket();
  await using server = await listen({ s3 });
  const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
  for (const url of ["/b/a/../c", "/b//x", "/b/a%2Fb", "/b/a+b", "/b/%C3%BC"]) {
    const answer = await sendSigned(server.port, { service: "s3", method: "PUT", url, headers, body: "x" });
    expect([url, answer.status]).toEqual([url, 200]);
  }
  expect([...bucket.objects.keys()]).toEqual(["b a/../c", "b /x", "b a/b", "b a+b", "b ü"]);
  const tidied = await sendSigned(server.port, {
    service: "s3",
    method: "PUT",
    url: "/b/a/../c",
    canonicalPath: "/b/c",
    headers,
    body: "x",
  });
  expect(tidied.body).toContain("<Code>SignatureDoesNotMatch</Code>");
  const malformed = await sendSigned(server.port, { service: "s3", method: "GET", url: "/b/%FF", headers });
  expect(malformed.body).toContain("<Code>InvalidURI</Code>");
});

test("a stream comes in chunks with a trailing checksum, and is handed on without them", async () => {
  const { bucket, s3 } = startBucket();
  await using server = await listen({ s3 });
  const body = Buffer.alloc(300_000, "0123456789");
  const input = {
    Bucket: "b",
    Key: "k",
    Body: Readable.from([body.subarray(0, 70_001), body.subarray(70_001)]),
    ContentLength: body.length,
    ContentEncoding: "gzip",
  };
  await client(server).send(new PutObjectCommand({ ...input, ChecksumAlgorithm: "CRC32" }));
  const stored = bucket.objects.get("b k");
  expect(stored?.body.equals(body)).toBe(true);
  expect(stored?.input).toMatchObject({ ContentLength: 300_000, ContentEncoding: "gzip" });
  expect(bucket.trailers).toEqual([{ "x-amz-checksum-crc32": expect.stringMatching(/^[\w+/]{6}==$/) }]);
});

test("an empty body and one with a signed hash are streams too", async () => {
  const { bucket, s3 } = startBucket();
  await using server = await listen({ s3 });
  await client(server).send(put("empty", ""));
  await client(server).send(put("full", Buffer.from("hello")));
  expect([...bucket.objects.values()].map(({ body }) => body.toString())).toEqual(["", "hello"]);
});

test("a body that is not the one that was signed leaves nothing behind", async () => {
  const { bucket, s3 } = startBucket();
  await using server = await listen({ s3 });
  const signed = { service: "s3", method: "PUT", url: "/b/k", headers: { "x-amz-content-sha256": "a".repeat(64) } };
  const answer = await sendSigned(server.port, { ...signed, body: "other" });
  expect(answer).toMatchObject({
    status: 400,
    body: expect.stringContaining("<Code>XAmzContentSHA256Mismatch</Code>"),
  });
  const unknown = { ...signed, headers: { "x-amz-content-sha256": "SOMETHING" }, body: "x" };
  expect((await sendSigned(server.port, unknown)).body).toContain("<ArgumentValue>SOMETHING</ArgumentValue>");
  expect(bucket.objects.size).toBe(0);
});

test("metadata, ranges and times go through headers", async () => {
  const { s3 } = startBucket();
  await using server = await listen({ s3 });
  await client(server).send(
    new PutObjectCommand({ Bucket: "b", Key: "k", Body: "hello", Metadata: { codepipeline: "yes" } }),
  );
  const whole = await client(server).send(new GetObjectCommand({ Bucket: "b", Key: "k" }));
  expect(await whole.Body?.transformToString()).toBe("hello");
  expect(whole).toMatchObject({
    Metadata: { codepipeline: "yes" },
    LastModified: new Date(1_790_648_060_000),
    ContentLength: 5,
  });
  const part = await client(server).send(new GetObjectCommand({ Bucket: "b", Key: "k", Range: "bytes=0-1" }));
  expect([part.$metadata.httpStatusCode, part.ContentRange, await part.Body?.transformToString()]).toEqual([
    206,
    "bytes 0-1/5",
    "he",
  ]);
  const head = await client(server).send(new HeadObjectCommand({ Bucket: "b", Key: "k" }));
  expect([head.ContentLength, head.ETag]).toEqual([5, '"e"']);
});

test("errors have S3's document, and none where HTTP forbids one", async () => {
  const { s3 } = startBucket();
  await using server = await listen({ s3 });
  await client(server).send(put("k"));
  await expect(client(server).send(new GetObjectCommand({ Bucket: "b", Key: "no" }))).rejects.toMatchObject({
    name: "NoSuchKey",
    Key: "no",
    $metadata: { httpStatusCode: 404, requestId: "0000000000004000", extendedRequestId: expect.any(String) },
  });
  await expect(client(server).send(new HeadObjectCommand({ Bucket: "b", Key: "no" }))).rejects.toMatchObject({
    name: "NotFound",
  });
  const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "if-none-match": '"e"' };
  const unchanged = await sendSigned(server.port, { service: "s3", method: "GET", url: "/b/k", headers });
  expect(unchanged).toMatchObject({ status: 304, body: "", headers: { etag: '"e"' } });
});

test("operations are told apart by method, subresource and what they need", async () => {
  const { bucket, s3 } = startBucket();
  await using server = await listen({ s3 });
  const s3Client = client(server);
  const part = await s3Client.send(
    new UploadPartCommand({ Bucket: "b", Key: "k", UploadId: "u", PartNumber: 7, Body: "abc" }),
  );
  expect(part.ETag).toBe('"7 u 3"');
  const Parts = [
    { PartNumber: 1, ETag: '"1"' },
    { PartNumber: 2, ETag: '"2"' },
  ];
  await s3Client.send(
    new CompleteMultipartUploadCommand({ Bucket: "b", Key: "k", UploadId: "u", MultipartUpload: { Parts } }),
  );
  const deleted = await s3Client.send(
    new DeleteObjectsCommand({ Bucket: "b", Delete: { Objects: [{ Key: "a" }, { Key: " <b>\n" }], Quiet: true } }),
  );
  expect(deleted).toMatchObject({
    Deleted: [{ Key: "a" }],
    Errors: [{ Key: "b", Code: "AccessDenied", Message: "no" }],
  });
  await s3Client.send(new PutBucketVersioningCommand({ Bucket: "b", VersioningConfiguration: { Status: "Enabled" } }));
  await s3Client.send(new PutBucketPolicyCommand({ Bucket: "b", Policy: '{"a":1}' }));
  expect(bucket.inputs).toMatchObject([
    { name: "CompleteMultipartUpload", input: { UploadId: "u", MultipartUpload: { Parts } } },
    { name: "DeleteObjects", input: { Delete: { Objects: [{ Key: "a" }, { Key: " <b>\n" }], Quiet: true } } },
    { name: "PutBucketVersioning", input: { VersioningConfiguration: { Status: "Enabled" } } },
    { name: "PutBucketPolicy", input: { Policy: '{"a":1}' } },
  ]);
  expect((await s3Client.send(new GetBucketPolicyCommand({ Bucket: "b" }))).Policy).toBe('{"Version":"2012-10-17"}');
  expect((await s3Client.send(new GetBucketLocationCommand({ Bucket: "b" }))).LocationConstraint).toBe("eu-west-1");
  await expect(s3Client.send(new GetBucketReplicationCommand({ Bucket: "b" }))).rejects.toMatchObject({
    name: "NotImplemented",
    $metadata: { httpStatusCode: 501 },
  });
  expect(server.warnings).toEqual(["s3 is asked for GetBucketReplication, which is not served"]);
});

test("lists have S3's names, flat", async () => {
  const { bucket, s3 } = startBucket();
  await using server = await listen({ s3 });
  const listed = await client(server).send(new ListBucketsCommand({}));
  expect(listed.Buckets).toEqual([{ Name: "b & c", CreationDate: new Date(1_790_648_060_701) }]);
  const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
  const raw = await sendSigned(server.port, {
    service: "s3",
    method: "GET",
    url: "/b/?list-type=2&max-keys=5&prefix=a%20b",
    headers,
  });
  expect(raw.body).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated><Contents><Key>a&lt;b&gt;&amp;&#x1;</Key><Size>1</Size></Contents><Contents><Key>c</Key></Contents><Name>b</Name><CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes><KeyCount>2</KeyCount></ListBucketResult>',
  );
  const { Contents } = await client(server).send(new ListObjectsV2Command({ Bucket: "b", MaxKeys: 5 }));
  expect(Contents?.[1]).toEqual({ Key: "c" });
  expect(bucket.inputs[0]?.input).toEqual({ Bucket: "b", MaxKeys: 5, Prefix: "a b" });
});

test("the bucket may stand in the host's name", async () => {
  const { bucket, s3 } = startBucket();
  await using server = await listen({ s3 });
  const hosts = [
    "my.bucket.s3.us-east-1.amazonaws.com",
    "my.bucket.localhost:4566",
    "my.bucket.s3.localhost",
    "my.bucket.s3-eu-west-1.amazonaws.com",
  ];
  for (const host of hosts) {
    const signed = {
      service: "s3",
      method: "PUT",
      url: "/k",
      headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
      body: "x",
    };
    expect((await send(server.port, signed, sign(signed, host))).status).toBe(200);
  }
  expect([...bucket.objects.keys()]).toEqual(["my.bucket k"]);
});

test("a document that is not the one wanted is malformed", async () => {
  const { s3 } = startBucket();
  await using server = await listen({ s3 });
  for (const body of [
    "<",
    "<Other/>",
    "<Delete><Quiet>maybe</Quiet><Object><Key>a</Key></Object></Delete>",
    "<Delete></Delete>",
    '<!DOCTYPE x [<!ENTITY a "b">]><Delete/>',
  ]) {
    const answer = await sendSigned(server.port, {
      service: "s3",
      url: "/b?delete=",
      headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
      body,
    });
    expect([body, answer.status, answer.body]).toEqual([
      body,
      400,
      expect.stringContaining("<Code>MalformedXML</Code>"),
    ]);
  }
  const number = await sendSigned(server.port, {
    service: "s3",
    method: "GET",
    url: "/b?list-type=2&max-keys=x",
    headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
  });
  expect(number.body).toContain("<ArgumentName>max-keys</ArgumentName><ArgumentValue>x</ArgumentValue>");
  const digest = await sendSigned(server.port, {
    service: "s3",
    url: "/b?delete=",
    headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==" },
    body: "<Delete/>",
  });
  expect(digest.body).toContain("<Code>BadDigest</Code>");
});

test("a presigned URL works until it expires, and for what it was made for", async () => {
  const { bucket, s3 } = startBucket();
  const signedAt = Date.parse("2026-11-24T10:00:00Z");
  let now = signedAt;
  await using server = await listen({ s3 }, { clockNow: () => now });
  const old = new S3V2({
    ...clientOptions(server),
    s3ForcePathStyle: true,
    signatureVersion: "v4",
    systemClockOffset: signedAt - Date.now(),
  });
  const url = new URL(old.getSignedUrl("putObject", { Bucket: "b", Key: "a b", Expires: 60 }));
  const target = url.pathname + url.search;
  const to = (path: string, method = "PUT") =>
    send(server.port, { method, url: path, body: method === "GET" ? "" : "x" }, { host: url.host });
  expect((await to(target)).status).toBe(200);
  expect([...bucket.objects.keys()]).toEqual(["b a b"]);
  expect((await to(target.replace("a%20b", "c"))).body).toContain("<Code>SignatureDoesNotMatch</Code>");
  expect((await to(target, "GET")).body).toContain("<Code>SignatureDoesNotMatch</Code>");
  expect((await to(target.replace("Expires=60", "Expires=x"))).body).toContain(
    "<Code>AuthorizationQueryParametersError</Code>",
  );
  now = signedAt + 62_000;
  const late = await to(target);
  expect(late).toMatchObject({
    status: 403,
    body: expect.stringContaining("<Code>AccessDenied</Code><Message>Request has expired</Message>"),
  });
});

test("a refusal reaches a client that is still sending", async () => {
  const refuse = service<undefined, Operations>({
    model,
    context: undefined,
    operations: {
      PutObject: {
        name: "PutObject",
        async run() {
          throw new ServiceError("NoSuchBucket", "The specified bucket does not exist", 404);
        },
      },
    },
  });
  await using server = await listen({ s3: refuse });
  const body = Buffer.alloc(20 * 1024 * 1024);
  await expect(client(server).send(put("k", body))).rejects.toMatchObject({ name: "NoSuchBucket" });
});

test("a body that breaks off breaks the connection, so that nobody takes it for whole", async () => {
  const breaks = async function* () {
    yield Buffer.from("half");
    throw new Error("the disk is gone");
  };
  const broken = service<undefined, Operations>({
    model,
    context: undefined,
    operations: {
      GetObject: { name: "GetObject", run: async () => ({ Body: Readable.from(breaks()), ContentLength: 8 }) },
    },
  });
  await using server = await listen({ s3: broken });
  const output = await client(server).send(new GetObjectCommand({ Bucket: "b", Key: "k" }));
  await expect(output.Body?.transformToString()).rejects.toThrow();
  expect(server.errors).toMatchObject([{ err: { message: "the disk is gone" } }]);
});

test("an upload that breaks off fails in the operation", async () => {
  const ended = Promise.withResolvers<unknown>();
  const keeps = service<undefined, Operations>({
    model,
    context: undefined,
    operations: {
      PutObject: {
        name: "PutObject",
        async run({ Body }) {
          await readAll(Body).then(ended.resolve, ended.reject);
          return {};
        },
      },
    },
  });
  await using server = await listen({ s3: keeps });
  const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "content-length": "100" };
  const signed = { service: "s3", method: "PUT", url: "/b/k", headers };
  const { connect } = await import("node:net");
  const socket = connect(server.port, "127.0.0.1", () => {
    const lines = Object.entries(sign(signed, `127.0.0.1:${server.port}`)).map(([name, value]) => `${name}: ${value}`);
    socket.write(`PUT /b/k HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\nhalf`);
    socket.end();
  });
  await expect(ended.promise).rejects.toThrow();
});

test("a client that waits to be told goes on only when its signature is good", async () => {
  const { bucket, s3 } = startBucket();
  await using server = await listen({ s3 });
  const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD", expect: "100-continue", "content-length": "5" };
  const told: string[] = [];
  const exchange = async (secretAccessKey: string) => {
    const { request } = await import("node:http");
    const signed = { service: "s3", method: "PUT", url: "/b/waits", headers, secretAccessKey, date: basicDate() };
    return new Promise<number | undefined>((resolve, reject) => {
      const one = request({
        port: server.port,
        method: "PUT",
        path: "/b/waits",
        headers: sign(signed, `127.0.0.1:${server.port}`),
      });
      one.on("continue", () => {
        told.push(secretAccessKey);
        one.end("hello");
      });
      one.on("response", (response) => {
        response.resume();
        resolve(response.statusCode);
        one.destroy();
      });
      one.on("error", reject);
      one.flushHeaders();
    });
  };
  expect(await exchange("wrong")).toBe(403);
  expect(await exchange("test")).toBe(200);
  expect(told).toEqual(["test"]);
  expect(bucket.objects.get("b waits")?.body.toString()).toBe("hello");
});
