import { expect, test } from "vitest";
import { memoryObjects } from "../testing/memory.ts";
import { startUpload } from "./upload.ts";

const object = { Bucket: "b", Key: "k", ContentType: "text/plain" };
const MIB = 1024 * 1024;
const named = (name: string) => Object.assign(new Error("no"), { name });

test("what is smaller than a part is one request, also nothing at all", async () => {
  const objects = memoryObjects(() => undefined);
  const upload = startUpload(async () => objects, object);
  await upload.end();
  expect(objects.objects.get("b/k")?.bytes.length).toBe(0);
});

test.each([8 * MIB, 8 * MIB + 1, 16 * MIB])("%d bytes arrive whole and in order", async (sizeBytes) => {
  const objects = memoryObjects(() => undefined);
  const upload = startUpload(async () => objects, object);
  const bytes = Buffer.alloc(sizeBytes, "abcdefghijk");
  for (let start = 0; start < sizeBytes; start += 3 * MIB) await upload.write(bytes.subarray(start, start + 3 * MIB));
  await upload.end();
  expect(objects.objects.get("b/k")?.bytes.equals(bytes)).toBe(true);
  expect(objects.openUploads()).toBe(0);
});

test("what is given up leaves nothing, and takes nothing more", async () => {
  const objects = memoryObjects(() => undefined);
  const upload = startUpload(async () => objects, object);
  await upload.write(Buffer.alloc(20 * MIB));
  await upload.abort();
  expect([objects.objects.size, objects.openUploads()]).toEqual([0, 0]);
  await expect(upload.write(Buffer.alloc(1))).rejects.toThrow("The upload is over");
});

test("a part that fails is an error of what comes after it, and aborting still leaves nothing", async () => {
  let calls = 0;
  const objects = memoryObjects(() => {
    calls += 1;
    return calls === 3 ? named("SlowDown") : undefined;
  });
  const upload = startUpload(async () => objects, object);
  await upload.write(Buffer.alloc(16 * MIB)); // begins the upload and sends the first part; the second fails
  await expect(upload.write(Buffer.alloc(8 * MIB))).rejects.toThrow("no");
  await expect(upload.end()).rejects.toThrow("no");
  await upload.abort();
  expect([objects.objects.size, objects.openUploads()]).toEqual([0, 0]);
});

test("one part is on its way while the next fills; what comes then waits", async () => {
  const objects = memoryObjects(() => undefined);
  const letGo: (() => void)[] = [];
  const calls = {
    ...objects,
    async uploadPart(...args: Parameters<typeof objects.uploadPart>) {
      await new Promise<void>((resolve) => letGo.push(resolve));
      return await objects.uploadPart(...args);
    },
  };
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const upload = startUpload(async () => calls, object);
  let isWritten = false;
  const writing = upload.write(Buffer.alloc(24 * MIB)).then(() => {
    isWritten = true;
  });
  await turn();
  expect([letGo.length, isWritten]).toEqual([1, false]);
  letGo[0]?.();
  await turn();
  expect([letGo.length, isWritten]).toEqual([2, false]);
  letGo[1]?.();
  await writing; // the third is on its way
  letGo[2]?.();
  await upload.end();
  expect(objects.objects.get("b/k")?.bytes.length).toBe(24 * MIB);
});
