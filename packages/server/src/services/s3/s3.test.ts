import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import {
  type _Object,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketAclCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  paginateListObjectsV2,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import S3V2 from "aws-sdk/clients/s3.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createIdentity } from "../../identity/create-identity.ts";
import type { Caller, Identity } from "../../identity/identity.ts";
import { createKeys } from "../../keys/create-keys.ts";
import type { KeyStore } from "../../keys/keys.ts";
import type { ObjectStore } from "../../objects/object-store.ts";
import { openObjects } from "../../objects/open-objects.ts";
import { insertRole } from "../../store/role.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import type { Access } from "../../wire/operation.ts";
import { ACCOUNT, type Listening, listen } from "../../wire/testing/listen.ts";
import { bucketPolicyFor } from "./context.ts";
import { s3 as s3Service } from "./operations.ts";

const REGION = "eu-west-1";
const PART_BYTES = 5 * 1024 ** 2;
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/worker`;
const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

let dir: string;
let store: Store;
let keys: KeyStore;
let objects: ObjectStore;
let identity: Identity;
let server: Listening;
let client: S3Client;
let asked: Access[];

beforeEach(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "penstock-s3-"));
  store = openSqliteStore({ path: path.join(dir, "penstock.db") });
  const bytes = randomBytes(32);
  const masterKey = { derive: () => bytes };
  const given = { store, account: ACCOUNT, now: Date.now };
  keys = createKeys({ ...given, masterKey });
  objects = openObjects({ ...given, dir: path.join(dir, "objects"), keys, masterKey: bytes });
  identity = createIdentity({
    ...{ ...given, masterKey, mode: "enforce", log: { warn: () => {} } },
    rootKeys: [{ accessKeyId: "test", secretAccessKey: "test" }],
  });
  asked = [];
  server = await listen(
    { s3: s3Service({ objects, keys }) },
    {
      findKey: identity.findKey,
      async authorize(principal, access) {
        asked.push(access);
        const resourcePolicy = await bucketPolicyFor({ objects }, access.resource);
        // What `findKey` above answered.
        const caller = principal as Caller;
        return identity.authorize({ caller, ...access, ...(resourcePolicy && { resourcePolicy }) });
      },
    },
  );
  client = clientFor(REGION);
  await client.send(
    new CreateBucketCommand({ Bucket: "artifacts", CreateBucketConfiguration: { LocationConstraint: REGION } }),
  );
});

afterEach(async () => {
  client.destroy();
  await server[Symbol.asyncDispose]();
  await objects.close();
  await store.close();
  fs.rmSync(dir, { recursive: true });
});

function clientFor(region: string, credentials = { accessKeyId: "test", secretAccessKey: "test" }): S3Client {
  return new S3Client({ endpoint: server.endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
}

const at = (key: string) => ({ Bucket: "artifacts", Key: key });
const put = (key: string, body: string | Buffer = "x") => client.send(new PutObjectCommand({ ...at(key), Body: body }));
const md5 = (bytes: Buffer | string) => createHash("md5").update(bytes).digest("hex");

async function get(key: string, more: object = {}): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ ...at(key), ...more }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

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
      expect((await get("a", { ChecksumMode: "ENABLED" })).toString()).toBe("abc");
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

  test("of no bytes are objects", async () => {
    await put("empty", "");
    expect(await client.send(new HeadObjectCommand(at("empty")))).toMatchObject({
      ContentLength: 0,
      ETag: `"${md5("")}"`,
    });
    expect(await get("empty")).toHaveLength(0);
  });

  test("are read by ranges, and outside of them not", async () => {
    const bytes = randomBytes(200_000);
    await put("a", bytes);
    const part = await client.send(new GetObjectCommand({ ...at("a"), Range: "bytes=65530-65545" }));
    expect(part).toMatchObject({ ContentRange: "bytes 65530-65545/200000", ContentLength: 16 });
    expect(part.$metadata.httpStatusCode).toBe(206);
    expect((await get("a", { Range: "bytes=-5" })).equals(bytes.subarray(-5))).toBe(true);
    expect((await get("a", { Range: "bytes=199990-" })).equals(bytes.subarray(199_990))).toBe(true);
    expect((await get("a", { Range: "lines=1-2" })).length).toBe(200_000);
    await expect(get("a", { Range: "bytes=200000-" })).rejects.toMatchObject({
      name: "InvalidRange",
      $metadata: { httpStatusCode: 416 },
    });
  });

  test("are read under conditions", async () => {
    const { ETag } = await put("a");
    const future = new Date(Date.now() + 3600_000);
    const past = new Date(Date.now() - 3600_000);
    await expect(get("a", { IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(get("a", { IfModifiedSince: new Date() })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(get("a", { IfMatch: '"0"' })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(get("a", { IfUnmodifiedSince: past })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await get("a", { IfMatch: ETag, IfUnmodifiedSince: past });
    await get("a", { IfNoneMatch: '"0"', IfModifiedSince: future });
  });

  test("take headers from the request that reads them", async () => {
    await put("a");
    const found = await client.send(
      new GetObjectCommand({ ...at("a"), ResponseContentType: "text/css", ResponseContentDisposition: "attachment" }),
    );
    expect(found).toMatchObject({ ContentType: "text/css", ContentDisposition: "attachment" });
    await found.Body?.transformToString();
  });

  test("are written only where there is none, if so wished", async () => {
    await put("a");
    const again = client.send(new PutObjectCommand({ ...at("a"), Body: "y", IfNoneMatch: "*" }));
    await expect(again).rejects.toMatchObject({ name: "PreconditionFailed", $metadata: { httpStatusCode: 412 } });
  });

  test("that are missing are told apart from missing buckets", async () => {
    await expect(get("nothing")).rejects.toMatchObject({ name: "NoSuchKey", Key: "nothing" });
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
    await put("a");
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
    const key = await keys.create({ region: REGION, description: "" });
    const encrypted = { ServerSideEncryption: "aws:kms", SSEKMSKeyId: key.id } as const;
    const stored = await client.send(new PutObjectCommand({ ...at("a"), Body: "x", ...encrypted }));
    expect(stored).toMatchObject({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: key.arn });
    expect(asked.map(({ action }) => action)).toEqual(["s3:CreateBucket", "s3:PutObject", "kms:GenerateDataKey"]);
    expect(asked[1]?.context).toMatchObject({ "s3:x-amz-server-side-encryption-aws-kms-key-id": key.arn });
    asked = [];
    expect((await get("a")).toString()).toBe("x");
    expect(asked.map(({ action, resource }) => [action, resource])).toEqual([
      ["s3:GetObject", "arn:aws:s3:::artifacts/a"],
      ["kms:Decrypt", key.arn],
    ]);
    await keys.setState(await keys.find(key.id, REGION), "Disabled");
    await expect(get("a")).rejects.toMatchObject({ name: "KMS.DisabledException" });
  });

  test("with a key that is not there is refused, and with the account's own asks KMS for nobody's leave", async () => {
    const missing = { ...at("a"), Body: "x", ServerSideEncryption: "aws:kms", SSEKMSKeyId: "alias/none" } as const;
    await expect(client.send(new PutObjectCommand(missing))).rejects.toMatchObject({ name: "KMS.NotFoundException" });
    asked = [];
    await client.send(new PutObjectCommand({ ...at("a"), Body: "x", ServerSideEncryption: "aws:kms" }));
    expect((await get("a")).toString()).toBe("x");
    expect(asked.map(({ action }) => action)).toEqual(["s3:PutObject", "s3:GetObject"]);
  });

  test("of a bucket holds for objects that say nothing", async () => {
    const key = await keys.create({ region: REGION, description: "" });
    const byDefault = { SSEAlgorithm: "aws:kms", KMSMasterKeyID: key.arn } as const;
    const ServerSideEncryptionConfiguration = { Rules: [{ ApplyServerSideEncryptionByDefault: byDefault }] };
    await client.send(new PutBucketEncryptionCommand({ Bucket: "artifacts", ServerSideEncryptionConfiguration }));
    expect((await put("a")).SSEKMSKeyId).toBe(key.arn);
    const { ServerSideEncryptionConfiguration: told } = await client.send(
      new GetBucketEncryptionCommand({ Bucket: "artifacts" }),
    );
    expect(told?.Rules?.[0]?.ApplyServerSideEncryptionByDefault).toEqual(byDefault);
  });
});

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
    expect((await get("big")).equals(Buffer.concat([one, two]))).toBe(true);
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
    await put("source", bytes);
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at("big")));
    const upload = { ...at("big"), UploadId };
    const range = `bytes=100-${PART_BYTES + 99}`;
    const copied = await client.send(
      new UploadPartCopyCommand({ ...upload, PartNumber: 1, CopySource: "artifacts/source", CopySourceRange: range }),
    );
    const Parts = [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }];
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
    expect((await get("big")).equals(bytes.subarray(100))).toBe(true);
  });

  test("that are not there are NoSuchUpload", async () => {
    const part = new UploadPartCommand({ ...at("big"), UploadId: "none", PartNumber: 1, Body: "x" });
    await expect(client.send(part)).rejects.toMatchObject({ name: "NoSuchUpload", $metadata: { httpStatusCode: 404 } });
  });
});

describe("listings, through SDK v3", () => {
  test("give every key once, whatever is in it, over pages", async () => {
    const all = ["a&b", "a<b>", "a b", "a+b", "ü", "x/1", "x/2", "\u{1F600}", 'q"uote', "tab\tkey"];
    for (const key of all) await put(key);
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
    const first = await put("a", "one");
    const second = await put("a", "two");
    const marker = await client.send(new DeleteObjectCommand(at("a")));
    expect(marker.DeleteMarker).toBe(true);
    await expect(get("a")).rejects.toMatchObject({ name: "NoSuchKey" });
    expect((await get("a", { VersionId: first.VersionId })).toString()).toBe("one");
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

describe("buckets, through SDK v3", () => {
  test("are made where they are asked for, once", async () => {
    const again = new CreateBucketCommand({
      Bucket: "artifacts",
      CreateBucketConfiguration: { LocationConstraint: REGION },
    });
    await expect(client.send(again)).rejects.toMatchObject({
      name: "BucketAlreadyOwnedByYou",
      $metadata: { httpStatusCode: 409 },
    });
    const CreateBucketConfiguration = { LocationConstraint: "eu-central-1" } as const;
    await expect(
      client.send(new CreateBucketCommand({ Bucket: "elsewhere", CreateBucketConfiguration })),
    ).rejects.toMatchObject({
      name: "IllegalLocationConstraintException",
    });
    const classic = clientFor("us-east-1");
    await classic.send(new CreateBucketCommand({ Bucket: "classic" }));
    await classic.send(new CreateBucketCommand({ Bucket: "classic" }));
    expect(
      (await classic.send(new GetBucketLocationCommand({ Bucket: "classic" }))).LocationConstraint,
    ).toBeUndefined();
    expect((await client.send(new GetBucketLocationCommand({ Bucket: "artifacts" }))).LocationConstraint).toBe(REGION);
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(["artifacts", "classic"]);
  });

  test("of another region are told where they are", async () => {
    const elsewhere = clientFor("us-east-1");
    expect((await elsewhere.send(new HeadBucketCommand({ Bucket: "artifacts" }))).BucketRegion).toBe(REGION);
    await expect(elsewhere.send(new PutObjectCommand({ ...at("a"), Body: "x" }))).rejects.toMatchObject({
      name: "PermanentRedirect",
      Region: REGION,
    });
    const following = new S3Client({
      ...{ endpoint: server.endpoint, region: "us-east-1", forcePathStyle: true, followRegionRedirects: true },
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    await following.send(new PutObjectCommand({ ...at("a"), Body: "x" }));
  });

  test("keep their policy as it was put", async () => {
    const Bucket = "artifacts";
    await expect(client.send(new GetBucketPolicyCommand({ Bucket }))).rejects.toMatchObject({
      name: "NoSuchBucketPolicy",
    });
    const Policy = policyOf("Allow", "s3:GetObject", "arn:aws:s3:::artifacts/*");
    await client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    expect((await client.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(Policy);
    for (const broken of ["{", policyOf("Allow", "s3:GetObject", "arn:aws:s3:::other/*")]) {
      await expect(client.send(new PutBucketPolicyCommand({ Bucket, Policy: broken }))).rejects.toMatchObject({
        name: "MalformedPolicy",
      });
    }
  });

  test("have tags and an owner", async () => {
    const Bucket = "artifacts";
    await expect(client.send(new GetBucketTaggingCommand({ Bucket }))).rejects.toMatchObject({ name: "NoSuchTagSet" });
    await client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: "k", Value: "v" }] } }));
    expect((await client.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual([{ Key: "k", Value: "v" }]);
    const { Owner, Grants } = await client.send(new GetBucketAclCommand({ Bucket }));
    expect(Grants).toMatchObject([{ Grantee: { ID: Owner?.ID, Type: "CanonicalUser" }, Permission: "FULL_CONTROL" }]);
  });
});

describe("permissions", () => {
  /** A session of a role without policies, so that only the bucket's can allow anything. */
  async function sessionClient(): Promise<S3Client> {
    await store.transact((tx) =>
      tx.run(insertRole, {
        ...{ name: "worker", path: "/", id: "AROAWORKER", arn: ROLE_ARN, description: null, tags: "[]" },
        ...{ trust_policy: TRUST, max_session_seconds: 3600, created_at: 0 },
      }),
    );
    const session = identity.issueSession({
      ...{ roleArn: ROLE_ARN, sessionName: "job", durationSeconds: 900, now: Date.now() },
      policy: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] },
    });
    return clientFor(REGION, session);
  }

  test("come from the bucket's policy as well, and a refusal is AccessDenied", async () => {
    await put("a");
    const worker = await sessionClient();
    await expect(worker.send(new GetObjectCommand(at("a")))).rejects.toMatchObject({
      name: "AccessDenied",
      $metadata: { httpStatusCode: 403 },
    });
    const Policy = policyOf("Allow", ["s3:GetObject"], "arn:aws:s3:::artifacts/*");
    await client.send(new PutBucketPolicyCommand({ Bucket: "artifacts", Policy }));
    const found = await worker.send(new GetObjectCommand(at("a")));
    expect(await found.Body?.transformToString()).toBe("x");
  });

  test("to list are needed to be told that a key is not there", async () => {
    const Policy = policyOf("Allow", ["s3:GetObject"], "arn:aws:s3:::artifacts/*");
    await client.send(new PutBucketPolicyCommand({ Bucket: "artifacts", Policy }));
    const missing = (await sessionClient()).send(new GetObjectCommand(at("nothing")));
    await expect(missing).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining("s3:ListBucket"),
    });
  });
});

function policyOf(Effect: "Allow" | "Deny", Action: string | string[], Resource: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect, Principal: { AWS: ROLE_ARN }, Action, Resource }],
  });
}

describe("SDK v2", () => {
  const v2 = () =>
    new S3V2({
      ...{ endpoint: server.endpoint, region: REGION, s3ForcePathStyle: true, signatureVersion: "v4", maxRetries: 0 },
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });

  test("puts and gets, by buffers, files and streams", async () => {
    const file = path.join(dir, "upload.bin");
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
