import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { Moment } from "../src/engine/engine.ts";
import { awsTiming } from "../src/engine/timing.ts";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import { insertStory, listStoryOfExecution } from "../src/store/story.ts";
import {
  type Bench,
  type BenchOptions,
  closeBench,
  createBenchFolder,
  createPipeline,
  declare,
  PIPELINE,
  type Script,
  succeed,
  waitForEnd,
} from "./bench.ts";

/* What the simulation has found, once each, as tests that name it. */

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

test("a call that was promised before a crash is made, although the machine's clock was set back meanwhile", async () => {
  const { folder, open } = prepare();
  const scripts = { f: reportsSuccess };
  const bench = open({
    scripts,
    onMoment: (moment: Moment) => void (moment === "finishAction.committed" && bench.crash()),
  });
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
  await start(bench);
  await until(() => bench.crashed);
  await closeBench(bench);
  folder.clock.advance(-3_600_000);
  const next = open({ scripts });
  await next.engine.recover();
  expect(await waitForEnd(next, "e1")).toBe("Succeeded");
});

test("a call that Lambda has tried three times is not made again while its row still waits to be removed", async () => {
  const { open } = prepare();
  const bench = open({ timing: awsTiming, failsUnreported: false, scripts: { f: async () => "raised" } });
  await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
  await start(bench);
  for (const waitMs of [60_000, 120_000, 0]) {
    const count = bench.calls.length + 1;
    await until(() => bench.story.filter(({ type }) => type === "attemptEnded").length === count);
    await turn();
    await turn();
    bench.clock.advance(waitMs);
  }
  bench.engine.wakeAt(bench.clock.now());
  for (let count = 0; count < 10; count += 1) await turn();
  expect(bench.calls).toHaveLength(3);
});

test("what was deferred into a commit that fails rides in a later one", async () => {
  const { folder } = prepare();
  let isDiskFull = true;
  const store = openSqliteStore({
    path: join(folder.dir, "penstock.db"),
    onCommit: (at) => {
      if (at === "before" && isDiskFull) throw new Error("the disk is full");
    },
  });
  cleanUps.push(() => store.close());
  const row = { execution_id: "e1", job_id: null, entries: "[]" };
  store.defer(async (tx) => void (await tx.run(insertStory, row)));
  await expect(store.transact(async () => {})).rejects.toThrow("the disk is full");
  isDiskFull = false;
  await store.transact(async () => {});
  const kept = await store.read.all(listStoryOfExecution, { execution_id: "e1", after: 0, limit: 9 });
  expect(kept).toHaveLength(1);
});

const reportsSuccess: Script = async (event, bench) => {
  await succeed(bench, event);
  return "returned";
};

function prepare() {
  const folder = createBenchFolder();
  cleanUps.push(folder.remove);
  const open = (options: BenchOptions): Bench => {
    const bench = folder.open(options);
    cleanUps.push(() => closeBench(bench));
    return bench;
  };
  return { folder, open };
}

async function start(bench: Bench): Promise<void> {
  const trigger = { triggerType: "StartPipelineExecution" };
  await bench.engine.start({ pipeline: PIPELINE, executionId: "e1", trigger });
}

/** Waits, turn by turn, for what the event loop will bring about. */
async function until(condition: () => boolean): Promise<void> {
  for (let count = 0; count < 100_000 && !condition(); count += 1) await turn();
  expect(condition()).toBe(true);
}
