import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { IN_ROW_BYTES_MAX } from "./in-row.ts";
import type { LifecycleRule } from "./lifecycle-rules.ts";
import { openObjects } from "./open-objects.ts";
import { bodyOf, openScratch, type Scratch } from "./testing/scratch.ts";

let scratch: Scratch;

beforeEach(async () => {
  scratch = await openScratch();
  scratch.now = at(0, 15); // in the middle of a day, because a rule's days end at midnight
});

afterEach(() => scratch.end());

const at = (days: number, hours = 0) => Date.parse("2026-11-24T00:00:00Z") + (days * 24 + hours) * 3_600_000;

const put = (...rules: Omit<LifecycleRule, "ID" | "Status">[]) =>
  scratch.objects.setSetting("artifacts", "lifecycle", {
    Rules: rules.map((rule, index) => ({ ID: `${index}`, Status: "Enabled", ...rule })),
  });

/** Another start of the server at that time, whose first sweep is done. */
async function startAt(now: number): Promise<void> {
  await scratch.shut();
  scratch.now = now;
  scratch.open();
  await scratch.objects.swept;
}

async function keys(): Promise<readonly string[]> {
  const page = { bucket: "artifacts", prefix: "", delimiter: undefined, after: "", limit: 1_000 };
  return (await scratch.objects.listObjects(page)).objects.map(({ key }) => key);
}

async function versions(): Promise<readonly string[]> {
  const page = {
    bucket: "artifacts",
    prefix: "",
    delimiter: undefined,
    after: "",
    afterVersionId: undefined,
    limit: 99,
  };
  const { versions } = await scratch.objects.listVersions(page);
  return versions.map(({ key, sizeBytes, isDeleteMarker }) => `${key} ${isDeleteMarker ? "marker" : sizeBytes}`);
}

describe("objects end by their age", () => {
  test("at the midnight after so many days, and not before", async () => {
    await put({ Filter: { Prefix: "" }, Expiration: { Days: 2 } });
    await scratch.put("a", Buffer.alloc(IN_ROW_BYTES_MAX + 1));
    await startAt(at(2, 23.9));
    expect(await keys()).toEqual(["a"]);
    expect(scratch.filesOnDisk()).toHaveLength(1);
    await startAt(at(3));
    expect(await keys()).toEqual([]);
    await scratch.objects.close(); // what is removed is gone then
    expect(scratch.filesOnDisk()).toEqual([]);
  });

  test("on a date, whenever they were put", async () => {
    await put({ Filter: {}, Expiration: { Date: at(1) } });
    await scratch.put("a", "x");
    await startAt(at(0, 23));
    expect(await keys()).toEqual(["a"]);
    await startAt(at(1));
    expect(await keys()).toEqual([]);
  });

  test("by a rule that is for them: prefix, tags and size", async () => {
    const Tags = [{ Key: "keep", Value: "no" }];
    await put(
      { Prefix: "old/", Expiration: { Days: 1 } },
      { Filter: { And: { Prefix: "t", Tags, ObjectSizeGreaterThan: 2 } }, Expiration: { Days: 1 } },
    );
    for (const key of ["old/a", "other/old/", "t1", "t2", "t3"]) await scratch.put(key, key === "t3" ? "12" : "123");
    for (const key of ["t1", "t3"])
      await scratch.objects.setTags({ bucket: "artifacts", key }, { keep: "no", more: "1" });
    await scratch.objects.setTags({ bucket: "artifacts", key: "t2" }, { keep: "yes" });
    await startAt(at(9));
    expect(await keys()).toEqual(["other/old/", "t2", "t3"]);
  });

  test("but not by a rule that is disabled, or in a bucket whose rules were taken away", async () => {
    const rule = { ID: "a", Status: "Disabled", Filter: {}, Expiration: { Days: 1 } } as const;
    await scratch.objects.setSetting("artifacts", "lifecycle", { Rules: [rule] });
    await scratch.put("a", "x");
    await startAt(at(9));
    await put({ Filter: {}, Expiration: { Days: 1 } });
    await scratch.objects.setSetting("artifacts", "lifecycle", undefined);
    await startAt(at(9, 1));
    expect(await keys()).toEqual(["a"]);
  });

  test("however many there are", async () => {
    await put({ Filter: {}, Expiration: { Days: 1 } });
    const names = Array.from({ length: 450 }, (_, index) => `k${String(index).padStart(3, "0")}`);
    await Promise.all(names.map((name) => scratch.put(name, "")));
    await startAt(at(9));
    expect(await keys()).toEqual([]);
  });
});

describe("where versions are kept", () => {
  beforeEach(() => scratch.objects.setVersioning("artifacts", "Enabled"));

  test("an expired object gets a delete marker, once", async () => {
    await put({ Filter: {}, Expiration: { Days: 1 } });
    await scratch.put("a", "x");
    await startAt(at(2));
    expect(await versions()).toEqual(["a marker", "a 1"]);
    await startAt(at(9));
    expect(await versions()).toEqual(["a marker", "a 1"]);
  });

  test("older versions end by the time since they were replaced, but for the newest of them", async () => {
    const NoncurrentVersionExpiration = { NoncurrentDays: 1, NewerNoncurrentVersions: 1 };
    await put({ Filter: {}, NoncurrentVersionExpiration });
    for (const bytes of ["1", "22", "333", "4444"]) await scratch.put("a", bytes);
    await startAt(at(1, 23));
    expect(await versions()).toEqual(["a 4", "a 3", "a 2", "a 1"]);
    await startAt(at(2));
    expect(await versions()).toEqual(["a 4", "a 3"]);
    scratch.now = at(30);
    await scratch.put("a", "55555");
    await startAt(at(30, 1));
    expect(await versions()).toEqual(["a 5", "a 4"]);
  });

  test("a delete marker goes when nothing is behind it any more", async () => {
    await put({
      Filter: {},
      Expiration: { ExpiredObjectDeleteMarker: true },
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    });
    await scratch.put("a", "x");
    await scratch.objects.delete("artifacts", "a");
    await startAt(at(1));
    expect(await versions()).toEqual(["a marker", "a 1"]);
    await startAt(at(2));
    expect(await versions()).toEqual(["a marker"]);
    await startAt(at(2, 1));
    expect(await versions()).toEqual([]);
  });
});

test("unfinished uploads end with their parts", async () => {
  await put({ Filter: { Prefix: "a" }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } });
  for (const key of ["a", "b"]) {
    const upload = await scratch.objects.createUpload({ bucket: "artifacts", key });
    await scratch.objects.writePart({ ...upload, partNumber: 1, body: bodyOf("part") });
  }
  await startAt(at(2));
  const page = { bucket: "artifacts", prefix: "", delimiter: undefined, after: "", afterUploadId: undefined, limit: 9 };
  expect((await scratch.objects.listUploads(page)).uploads.map(({ key }) => key)).toEqual(["b"]);
  await scratch.objects.close();
  expect(scratch.filesOnDisk()).toHaveLength(1);
});

test("rules are applied again every hour, by the given clock", async () => {
  await put({ Filter: {}, Expiration: { Days: 1 } });
  await scratch.put("a", "x");
  await scratch.objects.close();
  const planned: { readonly at: number; readonly wake: () => void }[] = [];
  const asked: PromiseWithResolvers<void>[] = [Promise.withResolvers(), Promise.withResolvers()];
  const objects = openObjects({
    ...{ dir: `${scratch.dir}/objects`, store: scratch.store, keys: scratch.keys, masterKey: scratch.masterKey },
    ...{ account: "000000000000", now: () => scratch.now },
    wakeAt(time, wake) {
      planned.push({ at: time, wake });
      asked[planned.length - 1]?.resolve();
      return () => planned.pop();
    },
  });
  await asked[0]?.promise;
  expect(planned[0]?.at).toBe(scratch.now + 3_600_000);
  scratch.now = at(5);
  planned[0]?.wake();
  await asked[1]?.promise;
  expect(await keys()).toEqual([]);
  await objects.close();
  expect(planned).toHaveLength(1); // the next one was cancelled
});
