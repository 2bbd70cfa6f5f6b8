import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import S3V2 from "aws-sdk/clients/s3.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { at, REGION, type S3Server, startS3 } from "./testing/s3-server.ts";

let server: S3Server;

beforeEach(async () => {
  server = await startS3();
});

afterEach(() => server.end());

const PART_BYTES = 5 * 1024 ** 2;

describe("SDK v2", () => {
  const v2 = () =>
    new S3V2({
      ...{ endpoint: server.endpoint, region: REGION, s3ForcePathStyle: true, signatureVersion: "v4", maxRetries: 0 },
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });

  test("puts and gets, by buffers, files and streams", async () => {
    const file = path.join(server.dir, "upload.bin");
    const bytes = randomBytes(300_000);
    fs.writeFileSync(file, bytes);
    const s3 = v2();
    await s3.putObject({ ...at("a b"), Body: "text", Metadata: { one: "1" } }).promise();
    const found = await s3.getObject(at("a b")).promise();
    expect([found.Body?.toString(), found.Metadata]).toEqual(["text", { one: "1" }]);
    await s3.putObject({ ...at("file"), Body: fs.createReadStream(file) }).promise();
    const chunks: Buffer[] = [];
    for await (const chunk of s3.getObject(at("file")).createReadStream()) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  test("signs URLs of version 4 whose query brings headers", async () => {
    const input = { ...at("k"), Metadata: { colour: "blue é" }, ServerSideEncryption: "aws:kms", Tagging: "a=b" };
    const url = v2().getSignedUrl("putObject", input);
    expect(new URL(url).searchParams.get("x-amz-meta-colour")).toBe("blue é");
    expect((await fetch(url, { method: "PUT", body: Buffer.from("text") })).status).toBe(200);
    const found = await server.objects.find({ bucket: "artifacts", key: "k" });
    expect(found.encryption.type).toBe("aws:kms");
    expect(found.tags).toEqual({ a: "b" });
    expect(Buffer.from(found.metadata["colour"] ?? "", "latin1").toString()).toBe("blue é");
    const changed = url.replace("x-amz-meta-colour=blue", "x-amz-meta-colour=red");
    expect((await fetch(changed, { method: "PUT", body: Buffer.from("text") })).status).toBe(403);
  });

  test("uploads in parts by itself, lists and deletes", async () => {
    const s3 = v2();
    const bytes = randomBytes(2 * PART_BYTES + 1);
    const Body = Readable.from([bytes], { objectMode: false });
    const done = await s3.upload({ ...at("big"), Body }, { partSize: PART_BYTES, queueSize: 2 }).promise();
    expect(done.ETag).toMatch(/-3"$/);
    await s3.copyObject({ ...at("copy"), CopySource: "artifacts/big" }).promise();
    const listed = await s3.listObjectsV2({ Bucket: "artifacts" }).promise();
    expect(listed.Contents?.map(({ Key, Size }) => [Key, Size])).toEqual([
      ["big", bytes.length],
      ["copy", bytes.length],
    ]);
    await s3.deleteObjects({ Bucket: "artifacts", Delete: { Objects: [{ Key: "big" }, { Key: "copy" }] } }).promise();
    await expect(s3.headObject(at("big")).promise()).rejects.toMatchObject({ code: "NotFound", statusCode: 404 });
    await expect(s3.getObject(at("big")).promise()).rejects.toMatchObject({ code: "NoSuchKey" });
  });
});
