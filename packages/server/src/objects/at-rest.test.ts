import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { IN_ROW_BYTES_MAX } from "./in-row.ts";
import { CHUNK_BYTES } from "./seal.ts";
import { bodyFrom, bodyOf, md5, openScratch, type Scratch } from "./testing/scratch.ts";

let scratch: Scratch;

beforeEach(async () => {
  scratch = await openScratch();
});

afterEach(() => scratch.end());

const MIB = 1024 ** 2;

describe("encryption at rest", () => {
  test("leaves nothing of the plain bytes on disk, with either kind of key", async () => {
    const words = "the quick brown fox jumps over the lazy dog ".repeat(3000);
    await scratch.put("a", words);
    await scratch.objects.put({ bucket: "artifacts", key: "b", body: bodyOf(words), kms: { keyId: undefined } });
    const files = scratch.filesOnDisk();
    expect(files).toHaveLength(2);
    for (const file of files) expect(fs.readFileSync(file).includes("quick brown")).toBe(false);
    expect((await scratch.get("a")).toString()).toBe(words);
    expect((await scratch.get("b")).toString()).toBe(words);
  });

  test("answers any range as the bytes that are there", async () => {
    const size = 5 * CHUNK_BYTES + 77;
    const bytes = randomBytes(size);
    await scratch.put("a", bytes);
    const nearEdge = fc
      .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: -2, max: 2 }))
      .map(([chunk, offset]) => Math.min(Math.max(chunk * CHUNK_BYTES + offset, 0), size - 1));
    const position = fc.oneof(nearEdge, fc.integer({ min: 0, max: size - 1 }));
    await fc.assert(
      fc.asyncProperty(position, position, async (one, other) => {
        const range = { start: Math.min(one, other), end: Math.max(one, other) };
        const found = await scratch.get("a", undefined, range);
        expect(found.equals(bytes.subarray(range.start, range.end + 1))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("does not give out bytes that were changed, nor bytes of another file", async () => {
    await scratch.put("a", randomBytes(3 * CHUNK_BYTES));
    const [file = ""] = scratch.filesOnDisk();
    const sealed = fs.readFileSync(file);
    sealed[CHUNK_BYTES + 100] = (sealed[CHUNK_BYTES + 100] ?? 0) ^ 1;
    fs.writeFileSync(file, sealed);
    expect((await scratch.get("a", undefined, { start: 0, end: 9 })).length).toBe(10);
    await expect(scratch.get("a")).rejects.toThrow("is damaged");
    fs.writeFileSync(file, sealed.subarray(0, CHUNK_BYTES + 16));
    await expect(scratch.get("a")).rejects.toThrow("is damaged");
  });

  test("refuses to open with another master key, and says so", async () => {
    await scratch.put("a", "x");
    await scratch.shut();
    expect(() => scratch.open({ masterKey: randomBytes(32) })).toThrow(/master key does not open/);
    scratch.open();
  });

  test("with a KMS key that is not there or was disabled is S3's error", async () => {
    const missing = { bucket: "artifacts", key: "a", body: bodyOf("x"), kms: { keyId: "alias/nobody" } };
    await expect(scratch.objects.put(missing)).rejects.toMatchObject({ code: "KMS.NotFoundException" });
    const key = await scratch.keys.create({ account: "000000000000", region: "us-east-1", description: "" });
    const stored = await scratch.objects.put({ ...missing, body: bodyOf("x"), kms: { keyId: key.id } });
    expect(stored.encryption).toEqual({ type: "aws:kms", keyArn: key.arn });
    expect(stored.etag).not.toBe(`"${md5("x")}"`);
    await scratch.keys.setState(key, "Disabled");
    await expect(scratch.get("a")).rejects.toMatchObject({ code: "KMS.DisabledException" });
    await scratch.keys.setState(
      await scratch.keys.find(key.id, { account: "000000000000", region: "us-east-1" }),
      "Enabled",
    );
    expect((await scratch.get("a")).toString()).toBe("x");
  });

  test("follows the bucket when the object asks for nothing", async () => {
    const key = await scratch.keys.create({ account: "000000000000", region: "us-east-1", description: "" });
    await scratch.objects.setEncryption("artifacts", { type: "aws:kms", keyId: key.arn });
    expect((await scratch.put("a", "x")).encryption).toEqual({ type: "aws:kms", keyArn: key.arn });
  });
});

describe("a crash", () => {
  test("before the row leaves a file that the next start sweeps, and never a row without a file", async () => {
    await scratch.put("kept", randomBytes(IN_ROW_BYTES_MAX + 1));
    await scratch.shut();
    const [kept = ""] = scratch.filesOnDisk();
    const orphan = path.join(scratch.dir, "objects", "a", "b", `ab${"0".repeat(30)}`);
    fs.mkdirSync(path.dirname(orphan), { recursive: true });
    fs.writeFileSync(orphan, "no row names this");
    fs.writeFileSync(`${orphan.replace("ab0", "abf")}.tmp`, "nor this");
    scratch.open();
    expect(await scratch.objects.swept).toBe(2);
    expect(scratch.filesOnDisk()).toEqual([kept]);
    expect(await scratch.get("kept")).toHaveLength(IN_ROW_BYTES_MAX + 1);
  });

  test.each([
    ["in its row", 1000, 0],
    ["in a file", IN_ROW_BYTES_MAX + 1, 1],
  ])("at the commit keeps the object that was there, %s", async (_, sizeBytes, filesCount) => {
    const before = randomBytes(sizeBytes);
    await scratch.put("a", before);
    await scratch.shut();
    scratch.open({
      onCommit: (moment) => {
        if (moment === "before") throw new Error("killed");
      },
    });
    await expect(scratch.put("a", randomBytes(sizeBytes))).rejects.toThrow("killed");
    await scratch.shut();
    expect(scratch.filesOnDisk()).toHaveLength(2 * filesCount);
    scratch.open();
    expect(await scratch.objects.swept).toBe(filesCount);
    expect(await scratch.get("a")).toEqual(before);
  });

  test("does not make the sweep take what is being written", async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const body = bodyFrom(async function* () {
      yield randomBytes(2 * MIB);
      await gate;
    });
    const writing = scratch.objects.put({ bucket: "artifacts", key: "a", body });
    await scratch.objects.swept;
    release();
    await writing;
    expect(await scratch.get("a")).toHaveLength(2 * MIB);
  });
});
