import { setImmediate as turn } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { Moment } from "../src/engine/engine.ts";
import { awsTiming } from "../src/engine/timing.ts";
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
