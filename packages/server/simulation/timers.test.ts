import { afterEach, expect, test } from "vitest";
import { awsTiming } from "../src/engine/timing.ts";
import { listActionsOfExecution } from "../src/store/action-execution.ts";
import { findJob } from "../src/store/job.ts";
import {
  type Bench,
  type BenchOptions,
  closeBench,
  createBenchFolder,
  createPipeline,
  declare,
  PIPELINE,
  succeed,
  waitForEnd,
} from "./bench.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const TICK_MS = 30_000;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

test("an action that always goes on ends after 24 hours, whatever restarts there are on the way", async () => {
  const folder = createBenchFolder();
  cleanUps.push(folder.remove);
  const options: BenchOptions = {
    timing: awsTiming,
    failsUnreported: false,
    scripts: {
      f: async (event, bench) => {
        const token = event["CodePipeline.job"].data.continuationToken ?? "0";
        // In the last 19 minutes it says nothing, so that the 24 hours end it and not the 20 minutes.
        const late = bench.clock.now() >= startedAt + 24 * HOUR_MS - 19 * MINUTE_MS;
        if (!late) await succeed(bench, event, { continuationToken: String(Number(token) + 1) });
        return "returned";
      },
    },
  };
  let bench = folder.open(options);
  const startedAt = bench.clock.now();
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
  await bench.engine.start({ pipeline: PIPELINE, executionId: "e1", trigger: { triggerType: "x" } });
  await callsEnd(bench, 1);
  const restartsAt = Array.from({ length: 10 }, (_, index) => startedAt + (index + 1) * 2 * HOUR_MS);
  let restarts = 0;
  while (bench.clock.now() < startedAt + 24 * HOUR_MS - 19 * MINUTE_MS) {
    const calls = bench.calls.length;
    bench.clock.advance(TICK_MS);
    await callsEnd(bench, calls + 1);
    if (bench.clock.now() !== restartsAt[restarts]) continue;
    restarts += 1;
    await closeBench(bench);
    bench = folder.open(options);
    await bench.engine.recover();
  }
  expect(restarts).toBe(10);
  bench.clock.advance(19 * MINUTE_MS);
  expect(await waitForEnd(bench, "e1")).toBe("Failed");
  expect(bench.clock.now()).toBe(startedAt + 24 * HOUR_MS);
  const [, call] = await bench.store.read.all(listActionsOfExecution, { execution_id: "e1" });
  expect(call).toMatchObject({ action: "Call", status: "Failed", updated_at: startedAt + 24 * HOUR_MS });
  // 23 h 41 min of a continuation each 30 seconds, and no job was called twice.
  expect(bench.calls).toHaveLength((24 * 60 - 19) * 2 + 1);
  expect(new Set(bench.calls).size).toBe(bench.calls.length);
  cleanUps.push(() => closeBench(bench));
});

test("the 20 minutes without a word outlast a restart and end the action to the millisecond", async () => {
  const folder = createBenchFolder();
  cleanUps.push(folder.remove);
  const options: BenchOptions = { timing: awsTiming, failsUnreported: false, scripts: { f: async () => "returned" } };
  let bench = folder.open(options);
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
  await bench.engine.start({ pipeline: PIPELINE, executionId: "e1", trigger: { triggerType: "x" } });
  await callsEnd(bench, 1);
  const dispatched = await bench.store.read.first(findJob, { id: bench.calls[0] ?? "" });
  bench.clock.advance(10 * MINUTE_MS);
  await closeBench(bench);
  bench = folder.open(options);
  cleanUps.push(() => closeBench(bench));
  await bench.engine.recover();
  await turns(20);
  bench.clock.advance(10 * MINUTE_MS - 1);
  await turns(20);
  expect(bench.story.some(({ type }) => type === "executionFinished")).toBe(false);
  bench.clock.advance(1);
  expect(await waitForEnd(bench, "e1")).toBe("Failed");
  expect(dispatched?.reply_due_at).toBe(bench.clock.now());
});

/** Waits until a number of calls was made, and everything about them is on record. */
async function callsEnd(bench: Bench, count: number): Promise<void> {
  for (let turn = 0; turn < 100_000; turn += 1) {
    if (bench.story.filter(({ type }) => type === "attemptEnded").length >= count) break;
    await turns(1);
  }
  expect(bench.calls).toHaveLength(count);
  await bench.store.transact(async () => {});
  await turns(3);
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
