import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import {
  type _Object,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketVersioningCommand,
  paginateListObjectsV2,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { at, type S3Server, startS3 } from "./testing/s3-server.ts";

let server: S3Server;
let client: S3Client;

beforeEach(async () => {
  server = await startS3();
  ({ client } = server);
});

afterEach(() => server.end());

const PART_BYTES = 5 * 1024 ** 2;

describe("uploads in parts, through SDK v3", () => {
  test("become one object, can be listed on the way and read part by part", async () => {
    const [one, two] = [randomBytes(PART_BYTES), randomBytes(10)];
    const { UploadId } = await client.send(
      new CreateMultipartUploadCommand({ ...at("big"), ContentType: "text/plain" }),
    );
    const upload = { ...at("big"), UploadId };
    const first = await client.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: one }));
    const second = await client.send(
      new UploadPartCommand({ ...upload, PartNumber: 2, Body: Readable.from([two]), ContentLength: 10 }),
    );
    const listed = await client.send(new ListPartsCommand(upload));
    expect(listed.Parts?.map(({ PartNumber, Size, ETag }) => [PartNumber, Size, ETag])).toEqual([
      [1, PART_BYTES, first.ETag],
      [2, 10, second.ETag],
    ]);
    const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: "artifacts" }));
    expect(Uploads?.map((found) => found.UploadId)).toEqual([UploadId]);
    const Parts = [
      { PartNumber: 1, ETag: first.ETag, ChecksumCRC32: first.ChecksumCRC32 },
      { PartNumber: 2, ETag: second.ETag, ChecksumCRC32: second.ChecksumCRC32 },
    ];
    const complete = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } });
    const done = await client.send(complete);
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    expect((await client.send(complete)).ETag).toBe(done.ETag);
    expect((await server.get("big")).equals(Buffer.concat([one, two]))).toBe(true);
    const last = await client.send(new GetObjectCommand({ ...at("big"), PartNumber: 2 }));
    expect(last).toMatchObject({ PartsCount: 2, ContentLength: 10, ContentType: "text/plain" });
    expect(Buffer.from((await last.Body?.transformToByteArray()) ?? [])).toEqual(two);
    const attributes = await client.send(
      new GetObjectAttributesCommand({ ...at("big"), ObjectAttributes: ["ObjectParts", "ObjectSize"] }),
    );
    expect(attributes).toMatchObject({ ObjectSize: PART_BYTES + 10, ObjectParts: { TotalPartsCount: 2 } });
  });

  test("take parts of other objects", async () => {
    const bytes = randomBytes(PART_BYTES + 100);
    await server.put("source", bytes);
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at("big")));
    const upload = { ...at("big"), UploadId };
    const range = `bytes=100-${PART_BYTES + 99}`;
    const copied = await client.send(
      new UploadPartCopyCommand({ ...upload, PartNumber: 1, CopySource: "artifacts/source", CopySourceRange: range }),
    );
    const Parts = [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }];
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
    expect((await server.get("big")).equals(bytes.subarray(100))).toBe(true);
  });

  test("that are not there are NoSuchUpload", async () => {
    const part = new UploadPartCommand({ ...at("big"), UploadId: "none", PartNumber: 1, Body: "x" });
    await expect(client.send(part)).rejects.toMatchObject({ name: "NoSuchUpload", $metadata: { httpStatusCode: 404 } });
  });
});

describe("listings, through SDK v3", () => {
  test("give every key once, whatever is in it, over pages", async () => {
    const all = ["a&b", "a<b>", "a b", "a+b", "ü", "x/1", "x/2", "\u{1F600}", 'q"uote', "tab\tkey"];
    for (const key of all) await server.put(key);
    const seen: (string | undefined)[] = [];
    const pages = paginateListObjectsV2({ client, pageSize: 3 }, { Bucket: "artifacts" });
    for await (const page of pages) seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
    expect(seen).toEqual(all.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    const grouped = await client.send(new ListObjectsCommand({ Bucket: "artifacts", Delimiter: "/", Prefix: "x" }));
    expect(grouped.CommonPrefixes).toEqual([{ Prefix: "x/" }]);
    const encoded = await client.send(
      new ListObjectsCommand({ Bucket: "artifacts", EncodingType: "url", Prefix: "a" }),
    );
    const keysOf = (contents: _Object[] | undefined) => contents?.map(({ Key }) => decodeURIComponent(Key ?? ""));
    expect(keysOf(encoded.Contents)).toEqual(["a b", "a&b", "a+b", "a<b>"]);
  });

  test("show versions and delete markers, and the deletion of many", async () => {
    await client.send(
      new PutBucketVersioningCommand({ Bucket: "artifacts", VersioningConfiguration: { Status: "Enabled" } }),
    );
    expect((await client.send(new GetBucketVersioningCommand({ Bucket: "artifacts" }))).Status).toBe("Enabled");
    const first = await server.put("a", "one");
    const second = await server.put("a", "two");
    const marker = await client.send(new DeleteObjectCommand(at("a")));
    expect(marker.DeleteMarker).toBe(true);
    await expect(server.get("a")).rejects.toMatchObject({ name: "NoSuchKey" });
    expect((await server.get("a", { VersionId: first.VersionId })).toString()).toBe("one");
    const { Versions, DeleteMarkers } = await client.send(new ListObjectVersionsCommand({ Bucket: "artifacts" }));
    expect(Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [second.VersionId, false],
      [first.VersionId, false],
    ]);
    expect(DeleteMarkers).toMatchObject([{ VersionId: marker.VersionId, IsLatest: true }]);
    const Objects = [first, second, marker].map(({ VersionId }) => ({ Key: "a", VersionId }));
    const { Deleted, Errors } = await client.send(
      new DeleteObjectsCommand({ Bucket: "artifacts", Delete: { Objects } }),
    );
    expect(Deleted).toHaveLength(3);
    expect(Errors ?? []).toEqual([]);
    await client.send(new DeleteBucketCommand({ Bucket: "artifacts" }));
  });
});
