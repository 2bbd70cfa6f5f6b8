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
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import S3V2 from "aws-sdk/clients/s3.js";
import { expect, test } from "vitest";
import { client, put, startBucket } from "../testing/bucket.ts";
import { clientOptions, listen } from "../testing/listen.ts";
import { send, sendSigned, sign } from "../testing/sign.ts";

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
