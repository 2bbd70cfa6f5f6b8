/**
 * A server in this process, and jobs on it that begin at once. The clock starts when a pipeline's source has done its
 * work and nothing of that is on record; it stops when the last execution is on record as Succeeded.
 */
import type { Server } from "@penstock/server";
import { answerQuestions } from "../program.ts";
import { deployChain, layGround, placesIn, startBenchServer, startExecution } from "./ground.ts";

export interface JobsAtOnceQuestion {
  /** Folder of the bench. */
  readonly workDir: string;
  readonly jobsCount: number;
  /** How often, one after the other. */
  readonly repeatsCount: number;
}

export interface JobsAtOnceAnswer {
  /** All repeats together. */
  readonly ms: number;
}

const FUNCTION = "report";
/** Actions that one stage may run in parallel. Source: CodePipeline quotas. */
const ACTIONS_COUNT_MAX = 50;

/** Jobs of the runs that warm up. */
const WARM_UP_JOBS_COUNT = 100;
/** So many runs in a row in which no process was new end the warm-up. */
const WARM_RUNS_COUNT = 5;
const WARM_UP_RUNS_COUNT_MAX = 200;

let running: Promise<Runner> | undefined;

answerQuestions(
  async ({ workDir, jobsCount, repeatsCount }: JobsAtOnceQuestion): Promise<JobsAtOnceAnswer> => {
    running ??= startRunner(workDir);
    const runner = await running;
    let ms = 0;
    for (let index = 0; index < repeatsCount; index += 1) ms += await runner.run(jobsCount);
    return { ms };
  },
  async () => (await running)?.stop(),
);

interface Runner {
  run(jobsCount: number): Promise<number>;
  stop(): Promise<void>;
}

async function startRunner(workDir: string): Promise<Runner> {
  let firstSourceDoneAt: number | undefined;
  let newCount = 0;
  const server = await startBenchServer(placesIn(workDir, "jobs-at-once"), (moment) => {
    if (moment === "action.done") firstSourceDoneAt ??= performance.now();
  });
  await layGround(server, FUNCTION);
  server.watch((entry) => {
    if (entry.type === "logLine" && entry.line.startsWith("REPORT ") && entry.line.includes("Init Duration"))
      newCount += 1;
  });
  const deployed = new Set<string>();
  const runner: Runner = {
    async run(jobsCount) {
      const executionsCount = Math.ceil(jobsCount / ACTIONS_COUNT_MAX);
      const actionsCount = jobsCount / executionsCount;
      const name = `at-once-${actionsCount}`;
      if (!deployed.has(name)) await deployChain(server, name, FUNCTION, actionsCount, "at once");
      deployed.add(name);
      firstSourceDoneAt = undefined;
      const endedAt = await runAll(server, name, executionsCount, jobsCount);
      return endedAt - (firstSourceDoneAt ?? Number.NaN);
    },
    stop: () => server.stop(),
  };
  let warmRunsCount = 0;
  for (let count = 0; warmRunsCount < WARM_RUNS_COUNT && count < WARM_UP_RUNS_COUNT_MAX; count += 1) {
    const before = newCount;
    await runner.run(WARM_UP_JOBS_COUNT);
    warmRunsCount = newCount === before ? warmRunsCount + 1 : 0;
  }
  return runner;
}

/** Answers when the last was on record; resolves when all functions have come back, too. */
async function runAll(server: Server, name: string, executionsCount: number, jobsCount: number): Promise<number> {
  const finished = Promise.withResolvers<number>();
  const returned = Promise.withResolvers<void>();
  let finishedCount = 0;
  let returnedCount = 0;
  const unwatch = server.watch((entry) => {
    if (entry.type === "executionFinished") {
      const at = performance.now();
      finishedCount += 1;
      if (entry.status !== "Succeeded") finished.reject(new Error(`An execution ended as ${entry.status}`));
      else if (finishedCount === executionsCount) finished.resolve(at);
    } else if (entry.type === "attemptEnded") {
      returnedCount += 1;
      if (returnedCount === jobsCount) returned.resolve();
    }
  });
  try {
    await Promise.all(Array.from({ length: executionsCount }, () => startExecution(server, name)));
    const [endedAt] = await Promise.all([finished.promise, returned.promise]);
    return endedAt;
  } finally {
    unwatch();
  }
}
