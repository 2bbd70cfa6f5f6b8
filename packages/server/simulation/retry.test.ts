import { setImmediate as turn } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { Moment } from "../src/engine/engine.ts";
import { listActionsOfExecution } from "../src/store/action-execution.ts";
import { findExecution } from "../src/store/execution.ts";
import {
  type Bench,
  closeBench,
  createBenchFolder,
  createPipeline,
  declare,
  fail,
  PIPELINE,
  runPipeline,
  type Script,
  succeed,
} from "./bench.ts";

/*
 * The retry of a stage, with the process killed at a moment of it and opened anew: it is on record, or it never was.
 */

const MOMENTS: readonly Moment[] = [
  "retryStage.written",
  "retryStage.committed",
  "invocation.begin",
  "takeReport.written",
  "takeReport.committed",
  "invocation.end",
];
const RETRY = { pipeline: PIPELINE.arn, executionId: "e1", stage: "Stage1", retryMode: "FAILED_ACTIONS" } as const;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

test.each(MOMENTS)(
  "a retry goes on, or can be asked for again, after the process was killed at %s",
  async (killedAt) => {
    const folder = createBenchFolder();
    cleanUps.push(folder.remove);
    let isMended = false;
    const f: Script = async (event, bench) => {
      await (isMended ? succeed(bench, event) : fail(bench, event, "JobFailed", "not yet"));
      return "returned";
    };
    let isArmed = false;
    const bench = folder.open({
      scripts: { f },
      onMoment: (moment) => void (isArmed && moment === killedAt && bench.crash()),
    });
    cleanUps.push(() => closeBench(bench));
    await createPipeline(bench, declare([[{ name: "Call", function: "f" }]]));
    expect(await runPipeline(bench, "e1")).toBe("Failed");
    isMended = true;
    isArmed = true;
    bench.engine.retryStage(RETRY).catch(() => {}); // a crash takes the answer
    await until(() => bench.crashed);
    await closeBench(bench);

    const next = folder.open({ scripts: { f } });
    cleanUps.push(() => closeBench(next));
    await next.engine.recover();
    if ((await statusOf(next)) === "Failed") expect(await next.engine.retryStage(RETRY)).toBeUndefined();
    while ((await statusOf(next)) !== "Succeeded") await turn();
    const rows = await next.store.read.all(listActionsOfExecution, { execution_id: "e1" });
    expect(rows.map(({ action, attempt, status }) => `${action} ${attempt} ${status}`)).toEqual([
      "Fetch 1 Succeeded",
      "Call 1 Failed",
      "Call 2 Succeeded",
    ]);
  },
);

async function statusOf(bench: Bench): Promise<string | undefined> {
  return (await bench.store.read.first(findExecution, { id: "e1" }))?.status;
}

/** Waits, turn by turn, for what the event loop will bring about. */
async function until(condition: () => boolean): Promise<void> {
  for (let count = 0; count < 100_000 && !condition(); count += 1) await turn();
  expect(condition()).toBe(true);
}
