import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sendSigned } from "../../wire/testing/sign.ts";
import { at, REGION, type S3Server, startS3 } from "./testing/s3-server.ts";

let server: S3Server;
let client: S3Client;

beforeEach(async () => {
  server = await startS3();
  ({ client } = server);
});

afterEach(() => server.end());

const md5 = (bytes: Buffer | string) => createHash("md5").update(bytes).digest("hex");

describe("objects, through SDK v3", () => {
  test("go in and out as streams, with their headers and metadata", async () => {
    const bytes = randomBytes(1024 ** 2 + 7);
    const chunks = [bytes.subarray(0, 100_000), bytes.subarray(100_000)];
    const stored = await client.send(
      new PutObjectCommand({
        ...at("a folder/ü+&.zip"),
        Body: Readable.from(chunks, { objectMode: false }),
        ContentLength: bytes.length,
        ContentType: "application/zip",
        CacheControl: "no-store",
        Metadata: { revision: "r1" },
        Tagging: "a=1&b=2%203",
      }),
    );
    expect(stored).toMatchObject({ ETag: `"${md5(bytes)}"`, ServerSideEncryption: "AES256" });
    expect(stored.ChecksumCRC32).toMatch(/^.{6}==$/);
    expect(stored.VersionId).toBeUndefined();
    const found = await client.send(new GetObjectCommand({ ...at("a folder/ü+&.zip"), ChecksumMode: "ENABLED" }));
    expect(found).toMatchObject({
      ContentLength: bytes.length,
      ContentType: "application/zip",
      CacheControl: "no-store",
      Metadata: { revision: "r1" },
      TagCount: 2,
      AcceptRanges: "bytes",
      ChecksumCRC32: stored.ChecksumCRC32,
    });
    expect(Buffer.from((await found.Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
    const tags = await client.send(new GetObjectTaggingCommand(at("a folder/ü+&.zip")));
    expect(tags.TagSet).toEqual([
      { Key: "a", Value: "1" },
      { Key: "b", Value: "2 3" },
    ]);
  });

  test.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
    "bring a %s behind them",
    async (algorithm) => {
      const stored = await client.send(
        new PutObjectCommand({
          ...at("a"),
          Body: Readable.from([Buffer.from("abc")]),
          ContentLength: 3,
          ChecksumAlgorithm: algorithm,
        }),
      );
      expect(stored[`Checksum${algorithm}`]).toBeTruthy();
      expect((await server.get("a", { ChecksumMode: "ENABLED" })).toString()).toBe("abc");
    },
  );

  test("that are not what was said are refused", async () => {
    const body = { ...at("a"), Body: "abc" };
    await expect(client.send(new PutObjectCommand({ ...body, ChecksumCRC32: "AAAAAA==" }))).rejects.toMatchObject({
      name: "BadDigest",
      message: "The CRC32 you specified did not match the calculated checksum.",
    });
    const other = createHash("md5").update("other").digest("base64");
    await expect(client.send(new PutObjectCommand({ ...body, ContentMD5: other }))).rejects.toMatchObject({
      name: "BadDigest",
    });
    await expect(client.send(new PutObjectCommand({ ...body, ContentMD5: "abc" }))).rejects.toMatchObject({
      name: "InvalidDigest",
    });
    await expect(client.send(new HeadObjectCommand(at("a")))).rejects.toMatchObject({ name: "NotFound" });
  });

  test("whose trailing checksum is wrong are refused, and leave the object that was there", async () => {
    await server.put("a", "before");
    const send = (checksum: string) =>
      sendSigned(server.port, {
        ...{ method: "PUT", url: "/artifacts/a", service: "s3", region: REGION },
        headers: {
          "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
          "x-amz-trailer": "x-amz-checksum-crc32",
          "x-amz-decoded-content-length": "3",
          "content-encoding": "aws-chunked",
        },
        body: `3\r\nabc\r\n0\r\nx-amz-checksum-crc32:${checksum}\r\n\r\n`,
      });
    const refused = await send("AAAAAA==");
    expect([refused.status, refused.body]).toEqual([400, expect.stringContaining("<Code>BadDigest</Code>")]);
    expect((await server.get("a")).toString()).toBe("before");
    expect((await send("NSRBwg==")).status).toBe(200);
    expect((await server.get("a")).toString()).toBe("abc");
  });

  test("of no bytes are objects", async () => {
    await server.put("empty", "");
    expect(await client.send(new HeadObjectCommand(at("empty")))).toMatchObject({
      ContentLength: 0,
      ETag: `"${md5("")}"`,
    });
    expect(await server.get("empty")).toHaveLength(0);
  });

  test("are read by ranges, and outside of them not", async () => {
    const bytes = randomBytes(200_000);
    await server.put("a", bytes);
    const part = await client.send(new GetObjectCommand({ ...at("a"), Range: "bytes=65530-65545" }));
    expect(part).toMatchObject({ ContentRange: "bytes 65530-65545/200000", ContentLength: 16 });
    expect(part.$metadata.httpStatusCode).toBe(206);
    expect((await server.get("a", { Range: "bytes=-5" })).equals(bytes.subarray(-5))).toBe(true);
    expect((await server.get("a", { Range: "bytes=199990-" })).equals(bytes.subarray(199_990))).toBe(true);
    expect((await server.get("a", { Range: "lines=1-2" })).length).toBe(200_000);
    await expect(server.get("a", { Range: "bytes=200000-" })).rejects.toMatchObject({
      name: "InvalidRange",
      $metadata: { httpStatusCode: 416 },
    });
  });

  test("are read under conditions", async () => {
    const { ETag } = await server.put("a");
    const future = new Date(Date.now() + 3600_000);
    const past = new Date(Date.now() - 3600_000);
    await expect(server.get("a", { IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(server.get("a", { IfModifiedSince: new Date() })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(server.get("a", { IfMatch: '"0"' })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(server.get("a", { IfUnmodifiedSince: past })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await server.get("a", { IfMatch: ETag, IfUnmodifiedSince: past });
    await server.get("a", { IfNoneMatch: '"0"', IfModifiedSince: future });
  });

  test("take headers from the request that reads them", async () => {
    await server.put("a");
    const found = await client.send(
      new GetObjectCommand({ ...at("a"), ResponseContentType: "text/css", ResponseContentDisposition: "attachment" }),
    );
    expect(found).toMatchObject({ ContentType: "text/css", ContentDisposition: "attachment" });
    await found.Body?.transformToString();
  });

  test("are written only where there is none, if so wished", async () => {
    await server.put("a");
    const again = client.send(new PutObjectCommand({ ...at("a"), Body: "y", IfNoneMatch: "*" }));
    await expect(again).rejects.toMatchObject({ name: "PreconditionFailed", $metadata: { httpStatusCode: 412 } });
  });

  test("that are missing are told apart from missing buckets", async () => {
    await expect(server.get("nothing")).rejects.toMatchObject({ name: "NoSuchKey", Key: "nothing" });
    const elsewhere = client.send(new GetObjectCommand({ Bucket: "nowhere", Key: "a" }));
    await expect(elsewhere).rejects.toMatchObject({ name: "NoSuchBucket", $metadata: { httpStatusCode: 404 } });
  });

  test("are copied, onto themselves only with a change", async () => {
    await client.send(new PutObjectCommand({ ...at("ä b"), Body: "x", Metadata: { one: "1" }, Tagging: "t=1" }));
    const CopySource = `artifacts/${encodeURIComponent("ä b")}`;
    const copied = await client.send(new CopyObjectCommand({ ...at("copy"), CopySource }));
    expect(copied.CopyObjectResult?.ETag).toBe(`"${md5("x")}"`);
    expect(await client.send(new HeadObjectCommand(at("copy")))).toMatchObject({ Metadata: { one: "1" }, TagCount: 1 });
    await expect(client.send(new CopyObjectCommand({ ...at("ä b"), CopySource }))).rejects.toMatchObject({
      name: "InvalidRequest",
    });
    const change = { CopySource, MetadataDirective: "REPLACE", Metadata: { two: "2" } } as const;
    await client.send(new CopyObjectCommand({ ...at("ä b"), ...change }));
    expect((await client.send(new HeadObjectCommand(at("ä b")))).Metadata).toEqual({ two: "2" });
  });

  test("have tags and an access list that grants the owner everything", async () => {
    await server.put("a");
    await client.send(new PutObjectTaggingCommand({ ...at("a"), Tagging: { TagSet: [{ Key: "k", Value: "v" }] } }));
    expect((await client.send(new GetObjectTaggingCommand(at("a")))).TagSet).toEqual([{ Key: "k", Value: "v" }]);
    const many = Array.from({ length: 11 }, (_, index) => ({ Key: `k${index}`, Value: "v" }));
    const tooMany = client.send(new PutObjectTaggingCommand({ ...at("a"), Tagging: { TagSet: many } }));
    await expect(tooMany).rejects.toMatchObject({ name: "BadRequest" });
    await client.send(new PutObjectAclCommand({ ...at("a"), ACL: "bucket-owner-full-control" }));
  });
});

describe("encryption", () => {
  test("with a KMS key is told, and needs the key", async () => {
    const key = await server.keys.create({ account: "000000000000", region: REGION, description: "" });
    const encrypted = { ServerSideEncryption: "aws:kms", SSEKMSKeyId: key.id } as const;
    const stored = await client.send(new PutObjectCommand({ ...at("a"), Body: "x", ...encrypted }));
    expect(stored).toMatchObject({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: key.arn });
    expect(server.asked.map(({ action }) => action)).toEqual([
      "s3:CreateBucket",
      "s3:PutObject",
      "kms:GenerateDataKey",
    ]);
    expect(server.asked[1]?.context).toMatchObject({ "s3:x-amz-server-side-encryption-aws-kms-key-id": key.arn });
    server.asked.length = 0;
    expect((await server.get("a")).toString()).toBe("x");
    expect(server.asked.map(({ action, resource }) => [action, resource])).toEqual([
      ["s3:GetObject", "arn:aws:s3:::artifacts/a"],
      ["kms:Decrypt", key.arn],
    ]);
    await server.keys.setState(await server.keys.find(key.id, { account: "000000000000", region: REGION }), "Disabled");
    await expect(server.get("a")).rejects.toMatchObject({ name: "KMS.DisabledException" });
  });

  test("with a key that is not there is refused, and with the account's own asks KMS for nobody's leave", async () => {
    const missing = { ...at("a"), Body: "x", ServerSideEncryption: "aws:kms", SSEKMSKeyId: "alias/none" } as const;
    await expect(client.send(new PutObjectCommand(missing))).rejects.toMatchObject({ name: "KMS.NotFoundException" });
    server.asked.length = 0;
    await client.send(new PutObjectCommand({ ...at("a"), Body: "x", ServerSideEncryption: "aws:kms" }));
    expect((await server.get("a")).toString()).toBe("x");
    expect(server.asked.map(({ action }) => action)).toEqual(["s3:PutObject", "s3:GetObject"]);
  });

  test("of a bucket holds for objects that say nothing", async () => {
    const key = await server.keys.create({ account: "000000000000", region: REGION, description: "" });
    const byDefault = { SSEAlgorithm: "aws:kms", KMSMasterKeyID: key.arn } as const;
    const ServerSideEncryptionConfiguration = { Rules: [{ ApplyServerSideEncryptionByDefault: byDefault }] };
    await client.send(new PutBucketEncryptionCommand({ Bucket: "artifacts", ServerSideEncryptionConfiguration }));
    expect((await server.put("a")).SSEKMSKeyId).toBe(key.arn);
    const { ServerSideEncryptionConfiguration: told } = await client.send(
      new GetBucketEncryptionCommand({ Bucket: "artifacts" }),
    );
    expect(told?.Rules?.[0]?.ApplyServerSideEncryptionByDefault).toEqual(byDefault);
  });
});
