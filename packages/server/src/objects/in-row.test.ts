import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { db, statement } from "../store/statement.ts";
import { IN_ROW_BYTES_MAX } from "./in-row.ts";
import { bodyOf, md5, openScratch, type Scratch } from "./testing/scratch.ts";

let scratch: Scratch;

beforeEach(async () => {
  scratch = await openScratch();
});

afterEach(() => scratch.end());

/** What the row holds of a key, and a way to change it as no part of Penstock does. */
const sealedBytes = statement<{ key: string }, { sealed_bytes: Uint8Array | null }>((p) =>
  db.selectFrom("object").select("sealed_bytes").where("key", "=", p.key),
);
const setSealedBytes = statement<{ key: string; bytes: Uint8Array }>((p) =>
  db.updateTable("object").set({ sealed_bytes: p.bytes }).where("key", "=", p.key),
);

const sealedOf = async (key: string) =>
  Buffer.from((await scratch.store.read.first(sealedBytes, { key }))?.sealed_bytes ?? []);
const setSealed = (key: string, bytes: Buffer) =>
  scratch.store.transact((tx) => tx.run(setSealedBytes, { key, bytes }));

describe("a small object", () => {
  test("is one commit and no file", async () => {
    const before = scratch.store.commits;
    await scratch.put("a", randomBytes(IN_ROW_BYTES_MAX));
    expect(scratch.store.commits - before).toBe(1);
    expect(scratch.filesOnDisk()).toEqual([]);
  });

  test.each([
    [1, 0],
    [IN_ROW_BYTES_MAX, 0],
    [IN_ROW_BYTES_MAX + 1, 1],
  ])("of %d bytes has %d files, and comes back as it was after a restart", async (sizeBytes, filesCount) => {
    const bytes = randomBytes(sizeBytes);
    // In two pieces, as a connection may bring it.
    const body = bodyOf(bytes.subarray(0, sizeBytes / 2), bytes.subarray(sizeBytes / 2));
    const { etag } = await scratch.objects.put({ bucket: "artifacts", key: "a", body });
    expect(etag).toBe(`"${md5(bytes)}"`);
    await scratch.shut();
    expect(scratch.filesOnDisk()).toHaveLength(filesCount);
    scratch.open();
    expect(await scratch.get("a")).toEqual(bytes);
    const range = { start: sizeBytes - 1, end: sizeBytes - 1 };
    expect(await scratch.get("a", undefined, range)).toEqual(bytes.subarray(sizeBytes - 1));
  });

  test("leaves nothing of its plain bytes in the database, with either kind of key", async () => {
    const words = "the quick brown fox jumps over the lazy dog ".repeat(30);
    await scratch.put("a", words);
    await scratch.objects.put({ bucket: "artifacts", key: "b", body: bodyOf(words), kms: { keyId: undefined } });
    const written = fs.readdirSync(scratch.dir).filter((name) => name.startsWith("penstock.db"));
    expect(written).toContain("penstock.db-wal");
    for (const name of written) {
      expect(fs.readFileSync(path.join(scratch.dir, name)).includes("quick brown")).toBe(false);
    }
    expect((await scratch.get("a")).toString()).toBe(words);
    expect((await scratch.get("b")).toString()).toBe(words);
  });

  test("does not give out bytes that were changed, cut, or are another object's", async () => {
    await scratch.put("a", "one and the same");
    await scratch.put("b", "one and the same");
    const sealed = await sealedOf("a");
    const changed = Buffer.from(sealed);
    changed[3] = (changed[3] ?? 0) ^ 1;
    for (const wrong of [changed, sealed.subarray(0, 20), sealed.subarray(0, 3), await sealedOf("b")]) {
      await setSealed("a", wrong);
      await expect(scratch.get("a")).rejects.toThrow("The row of artifacts/a is damaged");
    }
    await setSealed("a", sealed);
    expect((await scratch.get("a")).toString()).toBe("one and the same");
  });

  test("has under KMS an ETag that says nothing of its bytes", async () => {
    const put = () =>
      scratch.objects.put({ bucket: "artifacts", key: "a", body: bodyOf("x"), kms: { keyId: undefined } });
    const [first, second] = [await put(), await put()];
    expect(first.etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(second.etag).not.toBe(first.etag);
  });

  test("keeps the bytes of every version, and replaces or is replaced by one in a file", async () => {
    await scratch.objects.setVersioning("artifacts", "Enabled");
    const bodies = [randomBytes(10), randomBytes(IN_ROW_BYTES_MAX + 1), randomBytes(20)];
    const versions: string[] = [];
    for (const bytes of bodies) versions.push((await scratch.put("a", bytes)).versionId ?? "");
    for (const [index, bytes] of bodies.entries()) expect(await scratch.get("a", versions[index])).toEqual(bytes);
    await scratch.objects.deleteVersion({ bucket: "artifacts", key: "a", versionId: versions[2] });
    expect(await scratch.get("a")).toEqual(bodies[1]);
    await scratch.objects.deleteVersion({ bucket: "artifacts", key: "a", versionId: versions[1] });
    expect(await scratch.get("a")).toEqual(bodies[0]);
    await scratch.shut();
    expect(scratch.filesOnDisk()).toEqual([]);
    scratch.open();
  });
});

test("a part of an upload is a file, however small", async () => {
  const upload = await scratch.objects.createUpload({ bucket: "artifacts", key: "a" });
  const { etag } = await scratch.objects.writePart({ ...upload, partNumber: 1, body: bodyOf("part") });
  await scratch.objects.completeUpload({ ...upload, parts: [{ partNumber: 1, etag, checksums: {} }] });
  expect(scratch.filesOnDisk()).toHaveLength(1);
  expect((await scratch.get("a")).toString()).toBe("part");
});
