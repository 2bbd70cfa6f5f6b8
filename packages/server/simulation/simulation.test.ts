import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MOMENTS, type Run, simulate } from "./simulation.ts";

/*
 * `SEED=7 npx vitest run packages/server/simulation/simulation.test.ts` runs seed 7 alone and prints what happened.
 * `SEED=1000-1999` runs a thousand others.
 */

const SEEDS_COUNT = 300;
/** For a machine with much else to do. Unit: milliseconds. */
const TIMEOUT_MS = 300_000;
const CRASHES_COUNT_MIN = 600;
// The store's own timer is part of a run: it fires when the run says so.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const passTime = (ms: number) => void vi.advanceTimersByTime(ms);
const asked = process.env["SEED"];

test("whatever is killed when, every invariant holds", { timeout: TIMEOUT_MS }, async () => {
  const runs: Run[] = [];
  for (const seed of seedsOf(asked ?? `0-${SEEDS_COUNT - 1}`)) {
    const run = await simulate(seed, passTime);
    runs.push(run);
    if (asked === String(seed)) console.log([...run.trace, ...run.statuses].join("\n"));
    expect(run.violations, `Reproduce with SEED=${seed}.`).toEqual([]);
  }
  const crashes = runs.flatMap((run) => run.crashes);
  const statuses = runs.flatMap((run) => run.statuses);
  console.log(`${runs.length} runs, ${crashes.length} crashes: ${tally(crashes)}\nexecutions: ${tally(statuses)}`);
  if (asked) return;
  expect(crashes.length).toBeGreaterThan(CRASHES_COUNT_MIN);
  expect(MOMENTS.filter((moment) => !crashes.includes(moment))).toEqual([]);
  expect(new Set(statuses)).toEqual(new Set(["Succeeded", "Failed", "Stopped", "Superseded", "Cancelled"]));
});

test("a seed always gives the same run", async () => {
  for (const seed of seedsOf("0-19")) {
    const first = await simulate(seed, passTime);
    expect(first.trace.length).toBeGreaterThan(0);
    expect((await simulate(seed, passTime)).trace).toEqual(first.trace);
  }
});

/** `7` or `1000-1999`. */
function seedsOf(text: string): number[] {
  const [from = 0, to = from] = text.split("-").map(Number);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function tally(names: readonly string[]): string {
  const groups = [...Map.groupBy(names, (name) => name)].sort(([a], [b]) => (a < b ? -1 : 1));
  return groups.map(([name, found]) => `${name} ${found.length}`).join(", ");
}
