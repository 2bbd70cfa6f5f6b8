import { afterEach, beforeEach, expect, test } from "vitest";
import { findLogGroup, listLogStreams, listOldestBatches } from "../store/log.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { createLineWriter, type LineWriter } from "./line-writer.ts";
import { readPage } from "./read-page.ts";
import { GROUP_BYTES_MAX } from "./retention.ts";

const NOW = 1_790_000_000_000;
const PLACE = { account: "000000000000", region: "us-east-1", group: "/aws/lambda/f", stream: "2026/09/21/[$LATEST]a" };

let store: Store;
let writer: LineWriter;
let warnings: string[];

beforeEach(() => {
  store = openSqliteStore({ path: ":memory:" });
  warnings = [];
  writer = createLineWriter({ store, now: () => NOW, log: { warn: (text) => warnings.push(text) } });
});
afterEach(() => store.close());

const groupOf = () => store.read.first(findLogGroup, { ...PLACE, name: PLACE.group });

async function messages(): Promise<readonly string[]> {
  const group = await groupOf();
  if (!group) return [];
  const query = { direction: "forward", of: { groupId: group.id }, since: 0, until: NOW * 2 } as const;
  return (await readPage(store.read, query, {})).events.map(({ at, message }) => `${at - NOW} ${message}`);
}

test("lines of a moment are one row, and make their group and stream", async () => {
  const take = writer.open(PLACE);
  expect(await groupOf()).toBeUndefined();
  for (const line of ["START", "hello", "END"]) take(line, NOW);
  await writer.flush();
  expect(await messages()).toEqual(["0 START\n", "0 hello\n", "0 END\n"]);
  expect(store.commits).toBe(1);
  expect(await store.read.all(listOldestBatches, { group_id: 1, limit: 10 })).toHaveLength(1);
  expect(await groupOf()).toMatchObject({ stored_bytes: "START\nhello\nEND\n".length + 3 * 26, created_at: NOW });
});

test("a flush with nothing to store commits nothing", async () => {
  writer.open(PLACE);
  await writer.flush();
  expect(store.commits).toBe(0);
});

test("lines that nobody asks for ride in the commit of others", async () => {
  const take = writer.open(PLACE);
  take("late", NOW);
  await writer.flush();
  take("later", NOW + 1);
  await new Promise<void>((resolve) => {
    store.defer(async () => resolve()); // The store's own wait is the longer one.
  });
  await store.transact(async () => {});
  expect(store.commits).toBe(3);
  expect(await messages()).toEqual(["0 late\n", "1 later\n"]);
});

test("a clock that goes back does not bring lines out of order", async () => {
  const take = writer.open(PLACE);
  take("first", NOW + 5);
  take("second", NOW);
  await writer.flush();
  expect(await messages()).toEqual(["5 first\n", "5 second\n"]);
});

test("a group keeps so many bytes: the oldest go, with streams that are then empty, and it is said once", async () => {
  const megabyte = "x".repeat(1024 * 1024);
  const old = writer.open({ ...PLACE, stream: "old" });
  const take = writer.open(PLACE);
  old(megabyte, NOW);
  await writer.flush();
  for (let count = 1; count <= 80; count++) {
    take(megabyte, NOW + count);
    await writer.flush();
  }
  const group = await groupOf();
  const kept = await store.read.all(listOldestBatches, { group_id: group?.id ?? 0, limit: 100 });
  expect(group?.stored_bytes).toBe(kept.reduce((sum, { bytes }) => sum + bytes, 0));
  expect(group?.stored_bytes).toBeLessThanOrEqual(GROUP_BYTES_MAX);
  expect(group?.stored_bytes).toBeGreaterThan(GROUP_BYTES_MAX * 0.8);
  expect(kept[0]?.first_at).toBeGreaterThan(NOW + 10);
  expect(await newest()).toBe(NOW + 80);
  const all = { group_id: group?.id ?? 0, from: "", after: "", before: "~", limit: 10 };
  expect((await store.read.all(listLogStreams, all)).map(({ name }) => name)).toEqual([PLACE.stream]);
  expect(warnings).toEqual(["the oldest events of the log group /aws/lambda/f are dropped: a group keeps 64 MB"]);
});

async function newest(): Promise<number | undefined> {
  const query = { direction: "backward", of: { groupId: 1 }, since: 0, until: NOW * 2 } as const;
  return (await readPage(store.read, query, { limit: 1 })).events[0]?.at;
}

test("what a slow store cannot take is left out, and said", async () => {
  const take = writer.open(PLACE);
  const large = "x".repeat(8 * 1024 * 1024);
  for (let count = 0; count < 12; count++) take(large, NOW);
  await writer.flush();
  take("again", NOW + 1);
  await writer.flush();
  const query = { direction: "backward", of: { groupId: 1 }, since: 0, until: NOW * 2 } as const;
  const [last, note] = (await readPage(store.read, query, { limit: 2 })).events.map(({ message }) => message);
  expect([last, note].join("")).toContain("3 lines were left out");
});
