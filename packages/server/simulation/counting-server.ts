import { rmdirSync } from "node:fs";
import { setImmediate as immediate, setTimeout as later } from "node:timers/promises";
import { type Server, startServer } from "../src/index.ts";
import { type CountedFunction, deploy, PIPELINE_NAME } from "./counted-pipeline.ts";
import { COUNTED_COUNT, type Counters, type Counts, createCounters, MARKS } from "./counters.ts";

/*
 * A program for counted-budget.test.ts: a server with a pipeline of Lambda actions that follow each other. It runs a
 * few executions at once, so that there are warm processes, then some one after the other, and says in JSON what each
 * of those cost from its source's end to its last function's.
 *
 * A program that traces this one sees the stretch that is counted between two removals of folders that are not there.
 */

/** What the program is told, as JSON in its only argument. */
export interface Orders {
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly python?: string;
  readonly function: CountedFunction;
}

/** Nothing came for so long: all processes of the warm-up wait for work. Unit: milliseconds. */
const QUIET_MS = 100;

/** Executions at once that make processes warm: more than one, because an action may begin while the one before returns. */
const WARM_UP_COUNT = 4;

await run(JSON.parse(process.argv[2] ?? "{}") as Orders); // the test wrote it

async function run({ dataDir, cacheDir, python, function: code }: Orders): Promise<void> {
  const counters = createCounters();
  let begin = () => {};
  const server = await startServer({
    dataDir,
    cacheDir,
    timing: "fast",
    onMoment: (moment) => {
      counters.noteMoment(moment);
      if (moment === "finishAction.committed") begin();
    },
    ...(python !== undefined && { python }),
  });
  await deploy(server, code);
  await Promise.all(Array.from({ length: WARM_UP_COUNT }, () => runOnce(server)));
  await quiet(counters);
  const counted: Counts[] = [];
  for (let index = 0; index < COUNTED_COUNT; index += 1) {
    begin = () => {
      mark(MARKS.begin);
      counters.reset();
    };
    await runOnce(server);
    while (hasUnfinished(counters.read())) await immediate();
    counted.push(counters.read());
    mark(MARKS.end);
  }
  process.stdout.write(JSON.stringify(counted));
  await server.stop();
}

/** Else the last question of the warm-up would be counted with the first execution. */
async function quiet(counters: Counters): Promise<void> {
  let seen: number;
  do {
    seen = counters.read().requests.length;
    await later(QUIET_MS);
  } while (counters.read().requests.length > seen);
}

/** A function's answer ends its attempt; its next question comes in the same write, but may be read in the next turn. */
function hasUnfinished({ requests }: Counts): boolean {
  const countOf = (name: string) => requests.filter((request) => request === name).length;
  return countOf("next") < countOf("response");
}

/** To be seen in a trace of system calls. */
function mark(name: string): void {
  try {
    rmdirSync(name);
  } catch {
    // It is not there, which is why it can be a mark.
  }
}

/** Runs one execution until each of its functions has come back. */
async function runOnce(server: Server): Promise<void> {
  // Output of StartPipelineExecution, as the model has it.
  const { pipelineExecutionId } = (await server.call("codepipeline", "StartPipelineExecution", {
    name: PIPELINE_NAME,
  })) as {
    pipelineExecutionId: string;
  };
  await server.settled(pipelineExecutionId);
}
