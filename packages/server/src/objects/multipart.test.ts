import { createHash, randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ChecksumAlgorithm } from "./checksum.ts";
import { startChecksum } from "./checksum.ts";
import { combineCrcs } from "./crc-combine.ts";
import type { Part } from "./object-store.ts";
import { bodyFrom, bodyOf, openScratch, type Scratch } from "./testing/scratch.ts";

const PART_BYTES = 5 * 1024 ** 2;
const name = { bucket: "artifacts", key: "big" };

let scratch: Scratch;

beforeEach(async () => {
  scratch = await openScratch();
});

afterEach(() => scratch.end());

const md5 = (bytes: Buffer) => createHash("md5").update(bytes).digest();

const write = (uploadId: string, partNumber: number, bytes: Buffer) =>
  scratch.objects.writePart({ ...name, uploadId, partNumber, body: bodyOf(bytes) });

const named = (...parts: Part[]) => parts.map(({ partNumber, etag }) => ({ partNumber, etag, checksums: {} }));

async function read(range?: { start: number; end: number }): Promise<Buffer> {
  const { body } = await scratch.objects.get({ ...name, ...(range && { range }) });
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function filesLeft(): Promise<number> {
  await scratch.objects.close();
  return scratch.filesOnDisk().length;
}

test("parts in any order become one object, with the MD5 of their MD5s", async () => {
  const { uploadId } = await scratch.objects.createUpload({ ...name, contentType: "application/zip" });
  const [one, two, three] = [randomBytes(PART_BYTES), randomBytes(PART_BYTES + 3), randomBytes(7)];
  const third = await write(uploadId, 30, three);
  const first = await write(uploadId, 10, one);
  const second = await write(uploadId, 20, two);
  const object = await scratch.objects.completeUpload({ ...name, uploadId, parts: named(first, second, third) });
  const etag = md5(Buffer.concat([md5(one), md5(two), md5(three)])).toString("hex");
  expect(object).toMatchObject({ etag: `"${etag}-3"`, contentType: "application/zip", sizeBytes: 2 * PART_BYTES + 10 });
  const whole = Buffer.concat([one, two, three]);
  expect((await read()).equals(whole)).toBe(true);
  const across = { start: PART_BYTES - 5, end: 2 * PART_BYTES + 5 };
  expect((await read(across)).equals(whole.subarray(across.start, across.end + 1))).toBe(true);
  expect((await scratch.objects.partsOf(object)).map((part) => part.sizeBytes)).toEqual([
    PART_BYTES,
    PART_BYTES + 3,
    7,
  ]);
});

test("a completion whose answer was lost is answered again, and another one is NoSuchUpload", async () => {
  const { uploadId } = await scratch.objects.createUpload(name);
  const parts = named(await write(uploadId, 1, Buffer.from("x")));
  const first = await scratch.objects.completeUpload({ ...name, uploadId, parts });
  expect((await scratch.objects.completeUpload({ ...name, uploadId, parts })).etag).toBe(first.etag);
  const other = [{ partNumber: 1, etag: `"${"0".repeat(32)}"`, checksums: {} }];
  await expect(scratch.objects.completeUpload({ ...name, uploadId, parts: other })).rejects.toMatchObject({
    code: "NoSuchUpload",
  });
  await expect(write(uploadId, 2, Buffer.from("late"))).rejects.toMatchObject({ code: "NoSuchUpload", status: 404 });
});

test("a part that is put again counts as the last one, and parts that are not listed go", async () => {
  const { uploadId } = await scratch.objects.createUpload(name);
  const before = await write(uploadId, 1, Buffer.from("before"));
  const after = await write(uploadId, 1, Buffer.from("after"));
  await write(uploadId, 2, Buffer.from("left out"));
  await expect(scratch.objects.completeUpload({ ...name, uploadId, parts: named(before) })).rejects.toMatchObject({
    code: "InvalidPart",
  });
  await scratch.objects.completeUpload({ ...name, uploadId, parts: named(after) });
  expect((await read()).toString()).toBe("after");
  expect(await filesLeft()).toBe(1);
});

test("parts must be listed in order, be there, and be large but for the last", async () => {
  const { uploadId } = await scratch.objects.createUpload(name);
  const [one, two] = [await write(uploadId, 1, Buffer.from("1")), await write(uploadId, 2, Buffer.from("2"))];
  const complete = (parts: ReturnType<typeof named>) => scratch.objects.completeUpload({ ...name, uploadId, parts });
  await expect(complete(named(two, one))).rejects.toMatchObject({ code: "InvalidPartOrder" });
  await expect(complete(named({ ...one, partNumber: 3 }))).rejects.toMatchObject({ code: "InvalidPart" });
  await expect(complete(named(one, two))).rejects.toMatchObject({ code: "EntityTooSmall" });
  await complete(named(two));
});

test("an aborted upload leaves nothing, and cannot be aborted twice", async () => {
  const upload = await scratch.objects.createUpload(name);
  await write(upload.uploadId, 1, Buffer.from("x"));
  await scratch.objects.abortUpload(upload);
  await expect(scratch.objects.abortUpload(upload)).rejects.toMatchObject({ code: "NoSuchUpload" });
  expect(await filesLeft()).toBe(0);
});

test("an upload that is aborted while a part is on its way refuses the part and leaves nothing", async () => {
  const upload = await scratch.objects.createUpload(name);
  const body = bodyFrom(async function* () {
    yield Buffer.from("x");
    await scratch.objects.abortUpload(upload);
  });
  const part = scratch.objects.writePart({ ...name, uploadId: upload.uploadId, partNumber: 1, body });
  await expect(part).rejects.toMatchObject({ code: "NoSuchUpload" });
  expect(await filesLeft()).toBe(0);
});

test("a deleted object of parts leaves no files, even when a reader was in the middle", async () => {
  const { uploadId } = await scratch.objects.createUpload(name);
  const bytes = randomBytes(PART_BYTES);
  const parts = named(await write(uploadId, 1, bytes), await write(uploadId, 2, bytes));
  await scratch.objects.completeUpload({ ...name, uploadId, parts });
  const { body } = await scratch.objects.get(name);
  await scratch.objects.delete("artifacts", "big");
  let readBytes = 0;
  for await (const chunk of body) readBytes += chunk.length;
  expect(readBytes).toBe(2 * PART_BYTES);
  expect(await filesLeft()).toBe(0);
});

test("uploads and parts are listed page by page", async () => {
  const made: string[] = [];
  for (const key of ["a/1", "a/1", "a/2", "b"])
    made.push((await scratch.objects.createUpload({ bucket: "artifacts", key })).uploadId);
  const list = { bucket: "artifacts", prefix: "", delimiter: undefined, limit: 1 };
  const seen: string[] = [];
  let next: { key: string; uploadId: string | undefined } | undefined = { key: "", uploadId: undefined };
  while (next) {
    const page = await scratch.objects.listUploads({ ...list, after: next.key, afterUploadId: next.uploadId });
    seen.push(...page.uploads.map(({ uploadId }) => uploadId));
    next = page.next;
  }
  expect(seen.toSorted()).toEqual(made.toSorted());
  const grouped = await scratch.objects.listUploads({
    ...list,
    delimiter: "/",
    limit: 9,
    after: "",
    afterUploadId: undefined,
  });
  expect([grouped.commonPrefixes, grouped.uploads.map(({ key }) => key)]).toEqual([["a/"], ["b"]]);
});

test.each(["CRC32", "CRC32C", "CRC64NVME"] as const)("the %s of a whole is told from its parts", async (algorithm) => {
  const parts = [randomBytes(10), randomBytes(1000), Buffer.alloc(0), randomBytes(10)];
  const values = await Promise.all(
    parts.map(async (bytes) => ({ value: await checksum(algorithm, bytes), sizeBytes: bytes.length })),
  );
  expect(combineCrcs(algorithm, values)).toBe(await checksum(algorithm, Buffer.concat(parts)));
});

test("an upload with an algorithm checks its parts and has a checksum of its own", async () => {
  const { uploadId } = await scratch.objects.createUpload({ ...name, checksumAlgorithm: "SHA256" });
  const bytes = Buffer.from("x");
  const value = await checksum("SHA256", bytes);
  const sha1 = { algorithm: "SHA1" as const, expected: () => undefined };
  const other = scratch.objects.writePart({ ...name, uploadId, partNumber: 1, body: bodyOf(bytes), checksum: sha1 });
  await expect(other).rejects.toMatchObject({ code: "InvalidRequest" });
  const part = await write(uploadId, 1, bytes);
  expect(part.checksum?.value).toBe(value);
  const parts = named(part);
  const wrong = { algorithm: "SHA256" as const, value: await checksum("SHA256", Buffer.from("y")) };
  await expect(scratch.objects.completeUpload({ ...name, uploadId, parts, checksum: wrong })).rejects.toMatchObject({
    code: "BadDigest",
  });
  const object = await scratch.objects.completeUpload({ ...name, uploadId, parts });
  const composite = await checksum("SHA256", Buffer.from(value, "base64"));
  expect(object.checksum).toEqual({ algorithm: "SHA256", type: "COMPOSITE", value: `${composite}-1` });
});

async function checksum(algorithm: ChecksumAlgorithm, bytes: Buffer): Promise<string> {
  const running = await startChecksum(algorithm);
  running.update(bytes);
  return running.digest();
}
