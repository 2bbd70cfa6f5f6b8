import { randomBytes } from "node:crypto";
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent } from "node:http";
import type { LookupFunction } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { S3 } from "@aws-sdk/client-s3";
import S3V2 from "aws-sdk/clients/s3.js";
import { afterAll, describe, expect, test, vi } from "vitest";
import { aws } from "./aws-cli.ts";
import { boto3 } from "./boto3.ts";
import { ROOT } from "./client.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

// Set before the SDK v2 is imported, whose notice would stand in every test's output.
vi.hoisted(() => {
  process.env["AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE"] = "1";
});

const server = await startPenstock();
const dir = mkdtempSync(join(tmpdir(), "penstock-s3-"));
server.own(() => rmSync(dir, { recursive: true, force: true }));
afterAll(server.stop);
const [v3, python] = [javascript(server), boto3(server)];

/** The least size of a part that is not the last. */
const PART_BYTES = 5 * 1024 * 1024;

/** Names such as `bucket.localhost` are found by a machine's own means only on some. */
const lookup: LookupFunction = (name, options, done) => {
  lookedUp.push(name);
  if (options.all) done(null, [{ address: "127.0.0.1", family: 4 }]);
  else done(null, "127.0.0.1", 4);
};

const lookedUp: string[] = [];

describe.each([v3, python])("S3 by $name", ({ name, s3 }) => {
  const prefix = name.toLowerCase().replaceAll(" ", "-");
  const bucket = async (title: string) => {
    await s3.createBucket({ Bucket: `${prefix}-${title}` });
    return `${prefix}-${title}`;
  };

  test("an object is put, read whole and in part, asked for and deleted", async () => {
    const place = { Bucket: await bucket("objects"), Key: "a folder/é+%2F.txt" };
    const put = await s3.putObject({
      ...place,
      Body: Buffer.from("0123456789"),
      ContentType: "text/plain",
      Metadata: { colour: "blue" },
    });
    const read = await s3.getObject(place);
    expect(await read.Body?.transformToString()).toBe("0123456789");
    expect(read).toMatchObject({
      ContentType: "text/plain",
      ContentLength: 10,
      Metadata: { colour: "blue" },
      ETag: put.ETag,
    });
    const part = await s3.getObject({ ...place, Range: "bytes=2-4" });
    expect(part).toMatchObject({ ContentRange: "bytes 2-4/10", ContentLength: 3 });
    expect(await part.Body?.transformToString()).toBe("234");
    expect(await s3.headObject(place)).toMatchObject({ ContentLength: 10, LastModified: expect.any(Date) });
    await expect(s3.getObject({ ...place, Range: "bytes=10-" })).rejects.toMatchObject({ name: "InvalidRange" });
    await s3.deleteObject(place);
    await expect(s3.getObject(place)).rejects.toMatchObject({
      name: "NoSuchKey",
      message: "The specified key does not exist.",
    });
    await expect(s3.headObject(place)).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
    await s3.deleteBucket({ Bucket: place.Bucket });
    await expect(s3.getObject(place)).rejects.toMatchObject({ name: "NoSuchBucket" });
  });

  test("a versioned bucket keeps what was overwritten and deleted", async () => {
    const place = { Bucket: await bucket("versioned"), Key: "k" };
    await s3.putBucketVersioning({ Bucket: place.Bucket, VersioningConfiguration: { Status: "Enabled" } });
    const { VersionId: first } = await s3.putObject({ ...place, Body: Buffer.from("first") });
    const { VersionId: second } = await s3.putObject({ ...place, Body: Buffer.from("second") });
    const { VersionId: marker, DeleteMarker: isMarker } = await s3.deleteObject(place);
    expect(isMarker).toBe(true);
    await expect(s3.getObject(place)).rejects.toMatchObject({ name: "NoSuchKey" });
    expect(await (await s3.getObject({ ...place, VersionId: first })).Body?.transformToString()).toBe("first");
    const { Versions: versions, DeleteMarkers: markers } = await s3.listObjectVersions({ Bucket: place.Bucket });
    expect(versions?.map(({ VersionId }) => VersionId)).toEqual([second, first]);
    expect(markers).toMatchObject([{ VersionId: marker, IsLatest: true }]);
    await s3.deleteObject({ ...place, VersionId: marker });
    expect(await (await s3.getObject(place)).Body?.transformToString()).toBe("second");
  });

  test("a list goes by pages, and by folders where a delimiter is given", async () => {
    const Bucket = await bucket("listed");
    const keys = ["a.txt", "b/1 2.txt", "b/é.txt", "c/d/e.txt", "z.txt"];
    for (const Key of keys) await s3.putObject({ Bucket, Key, Body: Buffer.from("x") });
    const folders = await s3.listObjectsV2({ Bucket, Delimiter: "/" });
    expect(folders.Contents?.map(({ Key }) => Key)).toEqual(["a.txt", "z.txt"]);
    expect(folders.CommonPrefixes).toEqual([{ Prefix: "b/" }, { Prefix: "c/" }]);
    const seen: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.listObjectsV2({
        Bucket,
        MaxKeys: 2,
        ...(ContinuationToken !== undefined && { ContinuationToken }),
      });
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(seen).toEqual(keys);
    await expect(s3.deleteBucket({ Bucket })).rejects.toMatchObject({ name: "BucketNotEmpty" });
  });

  test("parts become one object in the order of their numbers, and nothing when they are dropped", async () => {
    const place = { Bucket: await bucket("parts"), Key: "big" };
    const parts = [randomBytes(PART_BYTES), randomBytes(1)];
    const { UploadId } = await s3.createMultipartUpload(place);
    const uploaded = [];
    for (const PartNumber of [2, 1]) {
      const Body = parts[PartNumber - 1] ?? Buffer.alloc(0);
      const { ETag } = await s3.uploadPart({ ...place, UploadId, PartNumber, Body });
      uploaded.unshift({ PartNumber, ETag });
    }
    const done = await s3.completeMultipartUpload({ ...place, UploadId, MultipartUpload: { Parts: uploaded } });
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    const read = await (await s3.getObject(place)).Body?.transformToByteArray();
    expect(Buffer.concat(parts).equals(Buffer.from(read ?? []))).toBe(true);
    const { UploadId: dropped } = await s3.createMultipartUpload({ ...place, Key: "dropped" });
    await s3.abortMultipartUpload({ ...place, Key: "dropped", UploadId: dropped });
    await expect(s3.listParts({ ...place, Key: "dropped", UploadId: dropped })).rejects.toMatchObject({
      name: "NoSuchUpload",
    });
  });
});

test("a stream of the SDK v3 comes with a trailing checksum, which is kept and told", async () => {
  const bytes = randomBytes(300_000);
  writeFileSync(join(dir, "stream.bin"), bytes);
  const place = { Bucket: "streams", Key: "stream.bin" };
  await v3.s3.createBucket({ Bucket: place.Bucket });
  const Body = createReadStream(join(dir, "stream.bin"));
  const put = await v3.s3.putObject({ ...place, Body, ContentLength: bytes.length, ChecksumAlgorithm: "SHA256" });
  const read = await v3.s3.getObject({ ...place, ChecksumMode: "ENABLED" });
  expect(Buffer.from((await read.Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
  expect(put.ChecksumSHA256).toMatch(/^[\w+/]{43}=$/);
  expect(read.ChecksumSHA256).toBe(put.ChecksumSHA256);
  const wrong = { ...place, Key: "wrong", Body: Buffer.from("x"), ChecksumSHA256: put.ChecksumSHA256 };
  await expect(v3.s3.putObject(wrong)).rejects.toMatchObject({ name: "BadDigest" });
  await expect(v3.s3.headObject({ ...place, Key: "wrong" })).rejects.toMatchObject({ name: "NotFound" });
});

test("boto3's transfers upload and download a file in parts", async () => {
  const bytes = randomBytes(9 * 1024 * 1024);
  const [from, to] = [join(dir, "transfer.bin"), join(dir, "transferred.bin")];
  writeFileSync(from, bytes);
  await python.s3.createBucket({ Bucket: "transfers" });
  // Methods that boto3 has beside the API's operations.
  const transfers = python.s3 as unknown as Record<
    "upload_file" | "download_file",
    (input: object) => Promise<unknown>
  >;
  await transfers.upload_file({ Filename: from, Bucket: "transfers", Key: "k" });
  await transfers.download_file({ Filename: to, Bucket: "transfers", Key: "k" });
  expect(readFileSync(to).equals(bytes)).toBe(true);
  expect((await python.s3.headObject({ Bucket: "transfers", Key: "k" })).ETag).toMatch(/-2"$/);
});

test("aws s3 copies, lists, synchronises and removes", async () => {
  const folder = join(dir, "folder");
  mkdirSync(join(folder, "sub"), { recursive: true });
  writeFileSync(join(folder, "large.bin"), randomBytes(9 * 1024 * 1024));
  writeFileSync(join(folder, "sub/é b.txt"), "small");
  await aws(server, ["s3", "mb", "s3://by-the-cli"]);
  await aws(server, ["s3", "sync", folder, "s3://by-the-cli/copy"]);
  const listed = await aws(server, ["s3", "ls", "s3://by-the-cli", "--recursive"]);
  expect(listed).toMatch(/ 9437184 copy\/large\.bin\n.* 5 copy\/sub\/é b\.txt\n$/);
  const back = join(dir, "back");
  await aws(server, ["s3", "cp", "--recursive", "s3://by-the-cli/copy", back]);
  expect(readFileSync(join(back, "large.bin")).equals(readFileSync(join(folder, "large.bin")))).toBe(true);
  expect(readFileSync(join(back, "sub/é b.txt"), "utf8")).toBe("small");
  await aws(server, ["s3", "rb", "--force", "s3://by-the-cli"]);
  await expect(aws(server, ["s3", "ls", "s3://by-the-cli"])).rejects.toMatchObject({ name: "NoSuchBucket" });
});

describe("the bucket in the host's name", () => {
  const endpoint = server.url.replace("127.0.0.1", "localhost");
  const agent = () => {
    const made = new Agent({ lookup });
    server.own(() => made.destroy());
    return made;
  };

  test("is found by the SDK v3", async () => {
    const s3 = new S3({
      endpoint,
      region: "us-east-1",
      credentials: ROOT,
      maxAttempts: 1,
      requestHandler: { httpAgent: agent() },
    });
    await s3.createBucket({ Bucket: "host-style-v3" });
    await s3.putObject({ Bucket: "host-style-v3", Key: "a b/c", Body: "x" });
    expect((await s3.listObjectsV2({ Bucket: "host-style-v3" })).Contents?.map(({ Key }) => Key)).toEqual(["a b/c"]);
    expect(await (await v3.s3.getObject({ Bucket: "host-style-v3", Key: "a b/c" })).Body?.transformToString()).toBe(
      "x",
    );
    expect(lookedUp).toContain("host-style-v3.localhost");
    s3.destroy();
  });

  test("is found by the SDK v2, whose streams come through", async () => {
    const httpOptions = { agent: agent() };
    const s3 = new S3V2({
      endpoint,
      region: "us-east-1",
      credentials: ROOT,
      signatureVersion: "v4",
      maxRetries: 0,
      httpOptions,
    });
    const bytes = randomBytes(PART_BYTES + 1);
    await s3.createBucket({ Bucket: "host-style-v2" }).promise();
    const Body = Readable.from([bytes], { objectMode: false });
    await s3.upload({ Bucket: "host-style-v2", Key: "a b/c", Body }, { partSize: PART_BYTES }).promise();
    const chunks = await s3.getObject({ Bucket: "host-style-v2", Key: "a b/c" }).createReadStream().toArray();
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(lookedUp).toContain("host-style-v2.localhost");
    await s3.deleteObject({ Bucket: "host-style-v2", Key: "a b/c" }).promise();
    await expect(s3.getObject({ Bucket: "host-style-v2", Key: "a b/c" }).promise()).rejects.toMatchObject({
      code: "NoSuchKey",
    });
  });
});
