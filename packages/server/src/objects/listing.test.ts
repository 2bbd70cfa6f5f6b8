import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bodyOf, openScratch, type Scratch } from "./testing/scratch.ts";

let scratch: Scratch;

beforeEach(async () => {
  scratch = await openScratch();
});

afterEach(() => scratch.end());

/** Objects without bytes, since a listing looks at none. */
const put = (key: string) => scratch.objects.put({ bucket: "artifacts", key, body: bodyOf() });

const base = { bucket: "artifacts", prefix: "", delimiter: undefined as string | undefined };

/** All pages, as keys and common prefixes in the order of the pages. */
async function listAll(request: Partial<typeof base>, limit: number): Promise<string[]> {
  const seen: string[] = [];
  let after: string | undefined = "";
  while (after !== undefined) {
    const page = await scratch.objects.listObjects({ ...base, ...request, after, limit });
    expect(page.objects.length + page.commonPrefixes.length).toBeLessThanOrEqual(limit);
    seen.push(...page.objects.map(({ key }) => key), ...page.commonPrefixes);
    after = page.next;
  }
  return seen;
}

const inOrder = (keys: readonly string[]) => [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

test("keys come in the order of their UTF-8 bytes, page by page", async () => {
  const keys = ["b", "a", "a/b", "é", "\u{1F600}", "\uFFFD", "Z", "a b", "a\u0001"];
  for (const key of keys) await put(key);
  expect(await listAll({}, 1)).toEqual(inOrder(keys));
  expect(await listAll({}, 1000)).toEqual(inOrder(keys));
});

test("a prefix and a delimiter fold what is below into common prefixes, once each", async () => {
  for (const key of ["a/1", "a/2", "a/b/1", "a/b/2", "a/c/1", "b/1", "c"]) await put(key);
  expect(await listAll({ delimiter: "/" }, 2)).toEqual(["a/", "b/", "c"]);
  expect(await listAll({ prefix: "a/", delimiter: "/" }, 1)).toEqual(["a/1", "a/2", "a/b/", "a/c/"]);
  expect(await listAll({ prefix: "a/b" }, 10)).toEqual(["a/b/1", "a/b/2"]);
  expect(await listAll({ prefix: "d" }, 10)).toEqual([]);
});

test("a common prefix of many keys is passed in one step", async () => {
  for (let index = 0; index < 250; index += 1) await put(`many/${index}`);
  await put("z");
  expect(await listAll({ delimiter: "/" }, 1)).toEqual(["many/", "z"]);
});

test("any set of keys is listed as sorting and folding it would give", async () => {
  const key = fc.string({ unit: fc.constantFrom("a", "b", "/", "é", "\u{10FFFF}"), minLength: 1, maxLength: 5 });
  const keySet = fc.uniqueArray(key, { maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(
      keySet,
      fc.constantFrom("", "a", "a/", "é"),
      fc.constantFrom(undefined, "/"),
      fc.integer({ min: 1, max: 7 }),
      async (keys, prefix, delimiter, limit) => {
        const bucket = `b${randomBytes(8).toString("hex")}`;
        await scratch.objects.createBucket(bucket, "us-east-1");
        for (const one of keys) await scratch.objects.put({ bucket, key: one, body: bodyOf() });
        const found = await listAll({ bucket, prefix, delimiter }, limit);
        expect(inOrder(found)).toEqual(inOrder(fold(keys, prefix, delimiter)));
      },
    ),
    { numRuns: 60 },
  );
});

function fold(keys: readonly string[], prefix: string, delimiter: string | undefined): string[] {
  const folded = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const at = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
      return at < 0 ? key : key.slice(0, at + 1);
    });
  return [...new Set(folded)];
}

test("nothing is listed when nothing is asked for", async () => {
  await put("a");
  expect(await scratch.objects.listObjects({ ...base, after: "", limit: 0 })).toEqual({
    objects: [],
    commonPrefixes: [],
    next: undefined,
  });
});

test("versions are listed newest first within a key, over pages that part in the middle of one", async () => {
  await scratch.objects.setVersioning("artifacts", "Enabled");
  const made: string[] = [];
  for (const key of ["a", "a", "b", "a"]) made.push(`${key} ${(await put(key)).versionId}`);
  const marker = await scratch.objects.deleteVersion({ bucket: "artifacts", key: "b" });
  const seen: string[] = [];
  let next: { key: string; versionId: string | undefined } | undefined = { key: "", versionId: undefined };
  while (next) {
    const page = await scratch.objects.listVersions({
      ...base,
      after: next.key,
      afterVersionId: next.versionId,
      limit: 2,
    });
    seen.push(...page.versions.map(({ key, versionId }) => `${key} ${versionId}`));
    next = page.next;
  }
  expect(seen).toEqual([made[3], made[1], made[0], `b ${marker.versionId}`, made[2]]);
  const broken = { ...base, after: "a", afterVersionId: "nothing", limit: 2 };
  await expect(scratch.objects.listVersions(broken)).rejects.toMatchObject({ code: "InvalidArgument" });
});
