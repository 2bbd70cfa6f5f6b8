import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { IN_ROW_BYTES_MAX } from "./in-row.ts";
import { bodyFrom, bodyOf, drain, md5, openScratch, type Scratch } from "./testing/scratch.ts";

let scratch: Scratch;

beforeEach(async () => {
  scratch = await openScratch();
});

afterEach(() => scratch.end());

const MIB = 1024 ** 2;

describe("an object", () => {
  test("comes back as it was put, with its MD5 as ETag", async () => {
    const bytes = randomBytes(1000);
    const stored = await scratch.objects.put({
      bucket: "artifacts",
      key: "folder/ü 1.zip",
      body: bodyOf(bytes),
      contentType: "application/zip",
      metadata: { "codepipeline-artifact-revision-summary": "first" },
    });
    expect(stored).toMatchObject({
      versionId: null,
      sizeBytes: 1000,
      etag: `"${md5(bytes)}"`,
      lastModified: scratch.now,
      contentType: "application/zip",
      metadata: { "codepipeline-artifact-revision-summary": "first" },
      encryption: { type: "AES256" },
    });
    expect(await scratch.get("folder/ü 1.zip")).toEqual(bytes);
    expect(await scratch.objects.head({ bucket: "artifacts", key: "folder/ü 1.zip" })).toMatchObject({
      etag: stored.etag,
    });
  });

  test("of no bytes has no file and can be read", async () => {
    const stored = await scratch.put("empty", "");
    expect(stored.etag).toBe(`"${md5("")}"`);
    expect(await scratch.get("empty")).toEqual(Buffer.alloc(0));
    expect(scratch.filesOnDisk()).toEqual([]);
  });

  test("survives a restart", async () => {
    await scratch.put("a", "kept");
    await scratch.shut();
    scratch.open();
    expect((await scratch.get("a")).toString()).toBe("kept");
  });

  test("is replaced without leaving its file behind", async () => {
    const second = randomBytes(IN_ROW_BYTES_MAX + 1);
    await scratch.put("a", randomBytes(IN_ROW_BYTES_MAX + 1));
    await scratch.put("a", second);
    await scratch.shut();
    expect(scratch.filesOnDisk()).toHaveLength(1);
    scratch.open();
    expect(await scratch.get("a")).toEqual(second);
  });

  test("that is replaced while it is read is read to its end", async () => {
    const first = randomBytes(3 * MIB);
    await scratch.put("a", first);
    const { body } = await scratch.objects.get({ bucket: "artifacts", key: "a" });
    await scratch.put("a", "second");
    expect(md5(await drain(body))).toBe(md5(first));
    await scratch.shut();
    expect(scratch.filesOnDisk()).toEqual([]);
    scratch.open();
  });

  test("whose reader goes away lets go of its file", async () => {
    await scratch.put("a", randomBytes(3 * MIB));
    const { body } = await scratch.objects.get({ bucket: "artifacts", key: "a" });
    await new Promise((resolve) => body.once("readable", resolve));
    body.destroy();
    await new Promise((resolve) => body.once("close", resolve));
    await scratch.objects.delete("artifacts", "a");
    await scratch.shut();
    expect(scratch.filesOnDisk()).toEqual([]);
    scratch.open();
  });

  test.each([1000, IN_ROW_BYTES_MAX + 1])(
    "of %d bytes, put many times at once, is one of them, and the others leave nothing",
    async (sizeBytes) => {
      const bodies = Array.from({ length: 20 }, (_, index) => Buffer.alloc(sizeBytes, index));
      await Promise.all(bodies.map((bytes) => scratch.put("a", bytes)));
      const found = await scratch.get("a");
      expect(bodies.some((bytes) => bytes.equals(found))).toBe(true);
      await scratch.shut();
      expect(scratch.filesOnDisk()).toHaveLength(sizeBytes > IN_ROW_BYTES_MAX ? 1 : 0);
      scratch.open();
    },
  );

  test("that is not there is NoSuchKey, and in no bucket NoSuchBucket", async () => {
    await expect(scratch.get("a")).rejects.toMatchObject({ code: "NoSuchKey", status: 404, detail: { Key: "a" } });
    await expect(scratch.put("a", "x", "nowhere")).rejects.toMatchObject({ code: "NoSuchBucket", status: 404 });
  });

  test("is deleted, twice without an error", async () => {
    await scratch.put("a", "x");
    await scratch.objects.delete("artifacts", "a");
    await scratch.objects.delete("artifacts", "a");
    await expect(scratch.get("a")).rejects.toMatchObject({ code: "NoSuchKey" });
  });

  test("with a key or metadata that is too long is refused", async () => {
    await expect(scratch.put("ü".repeat(513), "x")).rejects.toMatchObject({ code: "KeyTooLongError" });
    const metadata = { note: "x".repeat(2048) };
    await expect(
      scratch.objects.put({ bucket: "artifacts", key: "a", body: bodyOf("x"), metadata }),
    ).rejects.toMatchObject({
      code: "MetadataTooLarge",
    });
  });
});

describe("a body", () => {
  test.each([10, IN_ROW_BYTES_MAX + 1, 3 * MIB])("that fails after %d bytes leaves nothing", async (sizeBytes) => {
    const body = bodyFrom(() => failing(randomBytes(sizeBytes)));
    await expect(scratch.objects.put({ bucket: "artifacts", key: "a", body })).rejects.toThrow("the client went away");
    await expect(scratch.get("a")).rejects.toMatchObject({ code: "NoSuchKey" });
    await scratch.shut();
    expect(scratch.filesOnDisk()).toEqual([]);
    scratch.open();
  });

  test("that is not what Content-MD5 says is BadDigest and leaves the object as it was", async () => {
    await scratch.put("a", "before");
    const contentMd5 = createHash("md5").update("other").digest("base64");
    await expect(
      scratch.objects.write({ bucket: "artifacts", key: "a", body: bodyOf("after"), contentMd5 }),
    ).rejects.toMatchObject({
      code: "BadDigest",
      message: "The Content-MD5 you specified did not match what we received.",
    });
    expect((await scratch.get("a")).toString()).toBe("before");
  });

  test.each([
    ["CRC32", "y/Q5Jg=="],
    ["CRC32C", "4waSgw=="],
    ["CRC64NVME", "rosUhgp5mIg="],
    ["SHA1", "98O8HYCOBHMq32efZZc+LfbHLUQ="],
    ["SHA256", "FeKw0+HAQ9zM+hYuBhKXuMKpbZC5sqqbQOD6Kn7bYeU="],
  ] as const)("is checked against its %s", async (algorithm, value) => {
    // The CRCs are those of the usual check string, from their published definitions.
    const body = () => bodyOf("1234", "56789");
    const sha = algorithm.startsWith("SHA");
    const expected = sha ? createHash(algorithm.toLowerCase()).update("123456789").digest("base64") : value;
    const stored = await scratch.objects.write({
      ...{ bucket: "artifacts", key: "a", body: body() },
      checksum: { algorithm, expected: () => expected },
    });
    expect(stored.checksum).toEqual({ algorithm, value: expected, type: "FULL_OBJECT" });
    const wrong = Buffer.alloc(Buffer.from(expected, "base64").length).toString("base64");
    await expect(
      scratch.objects.write({
        bucket: "artifacts",
        key: "b",
        body: body(),
        checksum: { algorithm, expected: () => wrong },
      }),
    ).rejects.toMatchObject({
      code: "BadDigest",
      message: `The ${algorithm} you specified did not match the calculated checksum.`,
    });
    await expect(scratch.get("b")).rejects.toMatchObject({ code: "NoSuchKey" });
  });

  test("has a trailing checksum looked at only when it has ended", async () => {
    let ended = false;
    const body = bodyFrom(async function* () {
      yield Buffer.from("abc");
      ended = true;
    });
    const value = Buffer.alloc(4);
    value.writeUInt32BE(crc32("abc"));
    const expected = () => (ended ? value.toString("base64") : "AAAAAA==");
    await scratch.objects.write({ bucket: "artifacts", key: "a", body, checksum: { algorithm: "CRC32", expected } });
  });

  test("of 300 MB goes through without being held", async () => {
    const block = randomBytes(64 * 1024);
    const blocks = 4800;
    const before = process.memoryUsage.rss();
    let peak = before;
    const measure = () => {
      peak = Math.max(peak, process.memoryUsage.rss());
    };
    async function* blockByBlock() {
      for (let index = 0; index < blocks; index += 1) {
        measure();
        yield block;
      }
    }
    const large = bodyFrom(blockByBlock);
    await scratch.objects.put({ bucket: "artifacts", key: "large", body: large });
    const { object, body } = await scratch.objects.get({ bucket: "artifacts", key: "large" });
    let readBytes = 0;
    for await (const chunk of body) {
      readBytes += chunk.length;
      measure();
    }
    expect(readBytes).toBe(blocks * block.length);
    expect(object.sizeBytes).toBe(readBytes);
    expect((peak - before) / MIB).toBeLessThan(150);
  });
});

describe("conditions", () => {
  test("If-None-Match lets one of many writers through", async () => {
    const writes = Array.from({ length: 5 }, () =>
      scratch.objects.write({
        bucket: "artifacts",
        key: "a",
        body: bodyOf(randomBytes(IN_ROW_BYTES_MAX + 1)),
        ifNoneMatch: "*",
      }),
    );
    const results = await Promise.allSettled(writes);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const reasons = results.flatMap((result) => (result.status === "rejected" ? result.reason.code : []));
    expect(new Set(reasons)).toEqual(new Set(["PreconditionFailed"]));
    await scratch.shut();
    expect(scratch.filesOnDisk()).toHaveLength(1);
    scratch.open();
  });

  test("If-Match wants the ETag, and an object", async () => {
    const write = (ifMatch: string) =>
      scratch.objects.write({ bucket: "artifacts", key: "a", body: bodyOf("x"), ifMatch });
    await expect(write('"0"')).rejects.toMatchObject({ code: "NoSuchKey" });
    const { etag } = await scratch.put("a", "first");
    await expect(write('"0"')).rejects.toMatchObject({ code: "PreconditionFailed", status: 412 });
    await write(etag);
  });
});

describe("a bucket", () => {
  test.each(["ab", "Upper", "a..b", "1.2.3.4", "-dash", "xn--a", "a".repeat(64)])(
    "may not be called %s",
    async (name) => {
      await expect(scratch.objects.createBucket(name, "us-east-1")).rejects.toMatchObject({
        code: "InvalidBucketName",
      });
    },
  );

  test("is made once", async () => {
    await expect(scratch.objects.createBucket("artifacts", "us-east-1")).rejects.toMatchObject({
      code: "BucketAlreadyOwnedByYou",
      status: 409,
    });
  });

  test("can be deleted only when it is empty, and takes its unfinished uploads along", async () => {
    await scratch.put("a", "x");
    await expect(scratch.objects.deleteBucket("artifacts")).rejects.toMatchObject({ code: "BucketNotEmpty" });
    await scratch.objects.delete("artifacts", "a");
    const { uploadId } = await scratch.objects.createUpload({ bucket: "artifacts", key: "b" });
    await scratch.objects.writePart({ bucket: "artifacts", key: "b", uploadId, partNumber: 1, body: bodyOf("x") });
    await scratch.objects.deleteBucket("artifacts");
    await expect(scratch.objects.bucket("artifacts")).rejects.toMatchObject({ code: "NoSuchBucket" });
    await scratch.shut();
    expect(scratch.filesOnDisk()).toEqual([]);
    scratch.open();
  });

  test("that is deleted while an object is on its way refuses the object", async () => {
    const body = bodyFrom(async function* () {
      yield randomBytes(IN_ROW_BYTES_MAX + 1);
      await scratch.objects.deleteBucket("artifacts");
    });
    await expect(scratch.objects.put({ bucket: "artifacts", key: "a", body })).rejects.toMatchObject({
      code: "NoSuchBucket",
    });
    await scratch.shut();
    expect(scratch.filesOnDisk()).toEqual([]);
    scratch.open();
  });
});

describe("a copy", () => {
  test("is an object of its own, with what was asked to be kept", async () => {
    await scratch.objects.write({
      ...{ bucket: "artifacts", key: "a", body: bodyOf("x"), contentType: "text/plain" },
      ...{ metadata: { one: "1" }, tags: { two: "2" } },
    });
    const source = { bucket: "artifacts", key: "a" };
    const copy = await scratch.objects.copy({
      bucket: "artifacts",
      key: "b",
      source,
      keepProperties: true,
      keepTags: false,
    });
    await scratch.objects.delete("artifacts", "a");
    expect(copy).toMatchObject({ contentType: "text/plain", metadata: { one: "1" }, tags: {} });
    expect((await scratch.get("b")).toString()).toBe("x");
  });
});

async function* failing(bytes: Buffer) {
  yield bytes;
  throw new Error("the client went away");
}
