import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { drain, md5, openScratch, type Scratch } from "./testing/scratch.ts";

let scratch: Scratch;

beforeEach(async () => {
  scratch = await openScratch();
});

afterEach(() => scratch.end());

describe("versions", () => {
  beforeEach(() => scratch.objects.setVersioning("artifacts", "Enabled"));

  test("are all kept and found by their ids, the newest without one", async () => {
    const first = await scratch.put("a", "one");
    const second = await scratch.put("a", "two");
    expect(first.versionId).not.toBe(second.versionId);
    expect((await scratch.get("a")).toString()).toBe("two");
    expect((await scratch.get("a", first.versionId ?? "")).toString()).toBe("one");
  });

  test("end with a delete marker, which hides and can be removed again", async () => {
    await scratch.put("a", "one");
    const marker = await scratch.objects.deleteVersion({ bucket: "artifacts", key: "a" });
    expect(marker.deleteMarker).toBe(true);
    await expect(scratch.get("a")).rejects.toMatchObject({ code: "NoSuchKey" });
    await expect(scratch.get("a", marker.versionId)).rejects.toMatchObject({ code: "MethodNotAllowed", status: 405 });
    await scratch.objects.deleteVersion({ bucket: "artifacts", key: "a", versionId: marker.versionId });
    expect((await scratch.get("a")).toString()).toBe("one");
  });

  test("give way to the one before when the newest is deleted by its id", async () => {
    await scratch.put("a", "one");
    const second = await scratch.put("a", "two");
    await scratch.objects.deleteVersion({ bucket: "artifacts", key: "a", versionId: second.versionId ?? "" });
    expect((await scratch.get("a")).toString()).toBe("one");
    const page = await scratch.objects.listObjects({
      bucket: "artifacts",
      prefix: "",
      delimiter: undefined,
      after: "",
      limit: 10,
    });
    expect(page.objects.map(({ etag }) => etag)).toEqual([`"${md5("one")}"`]);
  });

  test("stay when they are suspended, and the null version is replaced", async () => {
    const kept = await scratch.put("a", "kept");
    await scratch.objects.setVersioning("artifacts", "Suspended");
    expect((await scratch.put("a", "null one")).versionId).toBe("null");
    await scratch.put("a", "null two");
    expect((await scratch.get("a")).toString()).toBe("null two");
    expect((await scratch.get("a", "null")).toString()).toBe("null two");
    expect((await scratch.get("a", kept.versionId ?? "")).toString()).toBe("kept");
    const { versions } = await scratch.objects.listVersions({
      ...{ bucket: "artifacts", prefix: "", delimiter: undefined, after: "", afterVersionId: undefined, limit: 10 },
    });
    expect(versions.map(({ versionId, isLatest }) => [versionId, isLatest])).toEqual([
      ["null", true],
      [kept.versionId, false],
    ]);
  });

  test("that were put before versions were kept are the null version", async () => {
    await scratch.objects.createBucket("late", "us-east-1");
    await scratch.put("a", "old", "late");
    await scratch.objects.setVersioning("late", "Enabled");
    await scratch.put("a", "new", "late");
    const { body } = await scratch.objects.get({ bucket: "late", key: "a", versionId: "null" });
    expect((await drain(body)).toString()).toBe("old");
  });

  test("that do not exist are NoSuchVersion", async () => {
    await scratch.put("a", "one");
    await expect(scratch.get("a", "nothing")).rejects.toMatchObject({ code: "NoSuchVersion" });
  });
});
