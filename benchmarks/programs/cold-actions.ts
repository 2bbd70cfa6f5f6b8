/**
 * A server in this process, and executions of one Lambda action whose function has no process yet. The clock starts
 * when the source has done its work and nothing of that is on record; it stops when the execution is on record as
 * Succeeded.
 */
import type { Server } from "@penstock/server";
import { answerQuestions } from "../program.ts";
import { deployChain, type Language, layGround, placesIn, startBenchServer, startExecution } from "./ground.ts";

export interface ColdActionsQuestion {
  /** Folder of the bench. */
  readonly workDir: string;
  /** The same in every question. */
  readonly language: Language;
  /** Whether processes may be forked from one that has imported boto3. The same in every question. */
  readonly preloadedFork: "off" | "python";
}

export interface ColdActionsAnswer {
  readonly ms: number;
}

const FUNCTION = "report";
const PIPELINE = "cold";

let running: Promise<Runner> | undefined;

answerQuestions(
  async (question: ColdActionsQuestion): Promise<ColdActionsAnswer> => {
    running ??= startRunner(question);
    return { ms: await (await running).run() };
  },
  async () => (await running)?.stop(),
);

interface Runner {
  run(): Promise<number>;
  stop(): Promise<void>;
}

async function startRunner({ workDir, language, preloadedFork }: ColdActionsQuestion): Promise<Runner> {
  let sourceDoneAt = 0;
  const places = placesIn(workDir, `cold-${language}-${preloadedFork}`);
  const onMoment = (moment: string) => {
    if (moment === "action.done") sourceDoneAt = performance.now();
  };
  const server = await startBenchServer(places, onMoment, preloadedFork);
  await layGround(server, FUNCTION, language);
  await deployChain(server, PIPELINE, FUNCTION, 1);
  let count = 0;
  return {
    async run() {
      count += 1;
      // Another revision: the processes of the one before end, and none is started before it is needed.
      const input = { FunctionName: FUNCTION, Description: `revision ${count}` };
      await server.call("lambda", "UpdateFunctionConfiguration", input);
      return (await runOnce(server)) - sourceDoneAt;
    },
    stop: () => server.stop(),
  };
}

/** Answers when it was on record; resolves when its function has come back, too. */
async function runOnce(server: Server): Promise<number> {
  const finished = Promise.withResolvers<number>();
  const returned = Promise.withResolvers<void>();
  let isCold = false;
  const unwatch = server.watch((entry) => {
    if (entry.type === "executionFinished") {
      const at = performance.now();
      if (entry.status === "Succeeded") finished.resolve(at);
      else finished.reject(new Error(`The execution ended as ${entry.status}`));
    } else if (entry.type === "logLine") {
      isCold ||= entry.line.startsWith("REPORT ") && entry.line.includes("Init Duration");
    } else if (entry.type === "attemptEnded") {
      if (isCold) returned.resolve();
      else returned.reject(new Error("The function was not cold."));
    }
  });
  try {
    await startExecution(server, PIPELINE);
    const [finishedAt] = await Promise.all([finished.promise, returned.promise]);
    return finishedAt;
  } finally {
    unwatch();
  }
}
