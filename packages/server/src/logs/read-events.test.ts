import fc from "fast-check";
import { expect, test } from "vitest";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { appendEvents, ensureStream } from "./append-events.ts";
import { BATCH_BYTES_MAX, BATCH_SPAN_MS, type TimedMessage, toBatches } from "./batches.ts";
import { compare, fromDigits, type Position, toDigits } from "./position.ts";
import { type EventQuery, type LogEvent, readEvents } from "./read-events.ts";
import { readPage } from "./read-page.ts";

const NOW = 1_790_000_000_000;

/** Stores events of some streams of one group, each list a writing of its own. */
async function stored(store: Store, writes: readonly { stream: string; events: readonly TimedMessage[] }[]) {
  let groupId = 0;
  for (const { stream: name, events } of writes) {
    await store.transact(async (tx) => {
      const { group, stream } = await ensureStream(
        tx,
        { account: "000000000000", region: "r", group: "g", stream: name },
        NOW,
      );
      groupId = group.id;
      await appendEvents(tx, group, stream, events, NOW);
    });
  }
  return groupId;
}

async function pages(store: Store, query: EventQuery, limit: number): Promise<readonly LogEvent[]> {
  const events: LogEvent[] = [];
  let beyond: Position | undefined;
  do {
    const page = await readPage(store.read, { ...query, beyond }, { limit });
    events.push(...page.events);
    beyond = page.next;
  } while (beyond);
  return events;
}

const offset = fc.integer({ min: 0, max: 5 * BATCH_SPAN_MS });
const events = fc
  .array(offset, { minLength: 1, maxLength: 12 })
  .map((times) => times.sort((a, b) => a - b).map((time, index): TimedMessage => [NOW + time, `${index}`]));
const writes = fc.array(fc.record({ stream: fc.constantFrom("a", "b", "c"), events }), {
  minLength: 25,
  maxLength: 60,
});

test("events come in the order of time whatever the batches, in both directions, on pages of any size", async () => {
  await fc.assert(
    fc.asyncProperty(writes, fc.integer({ min: 5, max: 60 }), offset, offset, async (all, limit, since, until) => {
      const store = openSqliteStore({ path: ":memory:" });
      const groupId = await stored(store, all);
      const range = { of: { groupId }, since: NOW + since, until: NOW + until };
      const forward = await pages(store, { ...range, direction: "forward" }, limit);
      const backward = await pages(store, { ...range, direction: "backward" }, limit);
      const expected = all
        .flatMap((write) => write.events)
        .filter(([at]) => at >= range.since && at <= range.until)
        .map(([at]) => at);
      expect(forward.map(({ at }) => at)).toEqual(expected.sort((a, b) => a - b));
      expect(forward).toEqual(forward.toSorted(compare));
      expect(new Set(forward.map(toDigits)).size).toBe(forward.length);
      expect(backward.toReversed()).toEqual(forward);
      await store.close();
    }),
    { numRuns: 15 },
  );
});

test("a search that finds nothing ends a page early, and its next page goes on", async () => {
  const store = openSqliteStore({ path: ":memory:" });
  const long = "x".repeat(BATCH_BYTES_MAX);
  const many = Array.from({ length: 300 }, (_, index): TimedMessage => [NOW + index * 10, long]);
  const groupId = await stored(store, [{ stream: "a", events: [...many, [NOW + 100_000, "needle"]] }]);
  for (const direction of ["forward", "backward"] as const) {
    const query = { direction, of: { groupId }, since: 0, until: NOW * 2 };
    const accept = (message: string) => message === "needle" || message === "nothing";
    const found: string[] = [];
    let beyond: Position | undefined;
    let count = 0;
    do {
      const page = await readPage(store.read, { ...query, beyond }, { accept });
      found.push(...page.events.map(({ message }) => message));
      beyond = page.next;
      count++;
    } while (beyond && count < 20);
    expect(found).toEqual(["needle"]);
    expect(count).toBeGreaterThan(1);
    expect(count).toBeLessThan(20);
  }
  await store.close();
});

test("streams that are not wanted are passed over", async () => {
  const store = openSqliteStore({ path: ":memory:" });
  const groupId = await stored(store, [
    { stream: "a", events: [[NOW, "one"]] },
    { stream: "b", events: [[NOW, "two"]] },
    { stream: "a", events: [[NOW, "three"]] },
  ]);
  const query = { direction: "forward", of: { groupId }, since: 0, until: NOW } as const;
  const messages: string[] = [];
  for await (const helping of readEvents(store.read, { ...query, hasStream: (id) => id === 1 }))
    messages.push(...helping.events.map(({ message }) => message));
  expect(messages).toEqual(["one", "three"]);
  await store.close();
});

test("a batch is bounded in bytes and in time, and loses nothing", () => {
  const sparse = Array.from({ length: 5 }, (_, index): TimedMessage => [index * 600, "x"]);
  expect(toBatches(sparse).map((batch) => batch.events.length)).toEqual([2, 2, 1]);
  const large: TimedMessage[] = [
    [0, "x".repeat(BATCH_BYTES_MAX * 2)],
    [0, "y"],
    [0, "z"],
  ];
  expect(toBatches(large).map((batch) => batch.events.length)).toEqual([1, 2]);
  expect(toBatches([])).toEqual([]);
});

test("places are written as digits that sort as they do", () => {
  const place = fc.record({ at: fc.maxSafeNat(), seq: fc.maxSafeNat(), index: fc.maxSafeNat() });
  fc.assert(
    fc.property(place, place, (a, b) => {
      expect(fromDigits(toDigits(a))).toEqual(a);
      expect(Math.sign(compare(a, b))).toBe(toDigits(a) < toDigits(b) ? -1 : toDigits(a) > toDigits(b) ? 1 : 0);
    }),
  );
  for (const bad of ["", "1", "x".repeat(56), `${"0".repeat(56)} `]) expect(fromDigits(bad)).toBeUndefined();
});
