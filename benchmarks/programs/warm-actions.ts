/**
 * A server in this process, and executions on it, one after the other.
 *
 * A pipeline must begin with a source, which is not what is measured. The clock starts when the source has done its
 * work and nothing of that is on record; it stops when the execution is on record as Succeeded. In between lie, for
 * each Lambda action: the commit that starts it, the call of its function, the function's run with its report, and
 * the commit of that report.
 */
import type { Server, StoryEntry } from "@penstock/server";
import { answerQuestions } from "../program.ts";
import { deployChain, layGround, placesIn, startBenchServer, startExecution } from "./ground.ts";

export interface WarmActionsQuestion {
  /** Folder of the bench. */
  readonly workDir: string;
  readonly actionsCount: number;
  readonly executionsCount: number;
}

/** One entry for each execution. Unit: milliseconds. */
export interface WarmActionsAnswer {
  readonly total: readonly number[];
  /** The runs of the function, by its own clock, all actions together. */
  readonly own: readonly number[];
}

const FUNCTION = "report";

let running: Promise<Runner> | undefined;

answerQuestions(
  async ({ workDir, actionsCount, executionsCount }: WarmActionsQuestion): Promise<WarmActionsAnswer> => {
    running ??= startRunner(workDir);
    const runner = await running;
    const total: number[] = [];
    const own: number[] = [];
    for (let index = 0; index < executionsCount; index += 1) {
      const run = await runner.run(actionsCount);
      total.push(run.totalMs);
      own.push(run.ownMs);
    }
    return { total, own };
  },
  async () => (await running)?.stop(),
);

interface Runner {
  run(actionsCount: number): Promise<{ readonly totalMs: number; readonly ownMs: number }>;
  stop(): Promise<void>;
}

async function startRunner(workDir: string): Promise<Runner> {
  let sourceDoneAt = 0;
  const server = await startBenchServer(placesIn(workDir, "warm-actions"), (moment) => {
    if (moment === "action.done") sourceDoneAt = performance.now();
  });
  await layGround(server, FUNCTION);
  const deployed = new Set<number>();
  return {
    async run(actionsCount) {
      const name = `chain-of-${actionsCount}`;
      if (!deployed.has(actionsCount)) await deployChain(server, name, FUNCTION, actionsCount);
      deployed.add(actionsCount);
      const { finishedAt, ownMs } = await runOnce(server, name, actionsCount);
      return { totalMs: finishedAt - sourceDoneAt, ownMs };
    },
    stop: () => server.stop(),
  };
}

/** Ends only when every attempt has ended, too, so that the next execution finds its environment waiting. */
async function runOnce(server: Server, pipeline: string, actionsCount: number) {
  const finished = Promise.withResolvers<number>();
  const returned = Promise.withResolvers<number>();
  const owns: number[] = [];
  const unwatch = server.watch((entry) => {
    if (entry.type === "executionFinished") {
      const at = performance.now();
      if (entry.status === "Succeeded") finished.resolve(at);
      else finished.reject(new Error(`The execution ended as ${entry.status}`));
    } else if (entry.type === "attemptEnded") {
      owns.push(ownMsOf(entry));
      if (owns.length === actionsCount) returned.resolve(owns.reduce((sum, ms) => sum + ms, 0));
    }
  });
  try {
    await startExecution(server, pipeline);
    const [finishedAt, ownMs] = await Promise.all([finished.promise, returned.promise]);
    return { finishedAt, ownMs };
  } finally {
    unwatch();
  }
}

function ownMsOf(entry: StoryEntry & { type: "attemptEnded" }): number {
  if (entry.outcome !== "returned") throw new Error(`The function ${entry.outcome}: ${entry.error?.errorMessage}`);
  const { ownNanos } = JSON.parse(entry.returned ?? "{}") as { ownNanos: number }; // what report.py returns
  return ownNanos / 1e6;
}
