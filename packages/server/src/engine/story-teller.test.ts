import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { listStoryOfExecution } from "../store/story.ts";
import type { StoryEntry } from "../story.ts";
import { createStoryTeller } from "./story-teller.ts";

let folder: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "penstock-story-"));
  store = open();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = () => openSqliteStore({ path: join(folder, "penstock.db") });
const rowsOf = (id: string) => store.read.all(listStoryOfExecution, { execution_id: id, after: 0, limit: 9 });
const entry = (executionId: string, at: number): StoryEntry => ({
  at,
  pipeline: "p",
  executionId,
  type: "executionStarted",
});

test("entries ride in no commit that somebody waits for, and those of one execution are one row", async () => {
  const story = createStoryTeller(store);
  story.tell(entry("e1", 1));
  await store.transact(async () => {});
  story.tell(entry("e1", 2), entry("e2", 3));
  expect(await rowsOf("e1")).toEqual([]);
  await story.kept();
  expect((await rowsOf("e1")).map(({ entries }) => JSON.parse(entries))).toEqual([[entry("e1", 1), entry("e1", 2)]]);
  expect(await rowsOf("e2")).toHaveLength(1);
});

test("what was told is kept by a store that closes", async () => {
  const story = createStoryTeller(store);
  story.tell(entry("e1", 1));
  story.handOver();
  await store.close();
  store = open();
  expect(await rowsOf("e1")).toHaveLength(1);
});

test("so many entries at once are not collected any longer", async () => {
  const story = createStoryTeller(store);
  story.tell(...Array.from({ length: 1_000 }, (_, at) => entry("e1", at)));
  await store.transact(async () => {});
  expect(await rowsOf("e1")).toHaveLength(1);
});

test("a listener hears an entry at once", () => {
  const story = createStoryTeller(store);
  const heard: StoryEntry[] = [];
  const unwatch = story.watch((one) => heard.push(one));
  story.tell(entry("e1", 1));
  unwatch();
  story.tell(entry("e1", 2));
  expect(heard).toEqual([entry("e1", 1)]);
});
