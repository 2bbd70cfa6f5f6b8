import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bench, clientVariables, ROOT, start, timed } from "../bench.ts";
import type { StubAnswer } from "../floors/stub.ts";
import type { Rig, Slice } from "../measuring/rounds.ts";
import { startProgram } from "../program.ts";
import type { JobsAtOnceAnswer, JobsAtOnceQuestion } from "../programs/jobs-at-once.ts";
import type { Scenario } from "./scenario.ts";

/** How much gets done when much is to be done. */
export const atOnce: Scenario = {
  name: "at-once",
  title: "1, 10 and 100 jobs at once",
  method:
    "Ours are Lambda actions that begin together, each one boto3 PutJobSuccessResult in a warm process, from the end of the source to the last execution on record as Succeeded; as many processes as Penstock chooses. The floor is one bare process that does the same run again and again, against a server that does nothing.",
  roundsCount: 9,
  warmUpCount: 2,
  open,
};

const SLICES: readonly { readonly jobsCount: number; readonly repeatsCount: number }[] = [
  { jobsCount: 1, repeatsCount: 100 },
  { jobsCount: 10, repeatsCount: 20 },
  { jobsCount: 100, repeatsCount: 4 },
];

const OWN_RUNS = join(ROOT, "benchmarks/floors/own_runs.py");
const OWN_RUNS_COUNT = 400;

async function open(bench: Bench): Promise<Rig> {
  const program = (path: string) => new URL(path, import.meta.url);
  const jobs = startProgram<JobsAtOnceQuestion, JobsAtOnceAnswer>(bench, program("../programs/jobs-at-once.ts"));
  const stub = startProgram<object, StubAnswer>(bench, program("../floors/stub.ts"));
  const { port } = await stub.ask({});
  const slices = SLICES.map(({ jobsCount, repeatsCount }): Slice => {
    const name = `${jobsCount} at once`;
    const ask = () => jobs.ask({ workDir: bench.workDir, jobsCount, repeatsCount });
    const run = async () => ({ [name]: perSecond(jobsCount * repeatsCount, (await jobs.profiled(name, ask)).ms) });
    return { name, run };
  });
  return {
    slices: [ownRunsSlice(bench, port, "bare"), ...slices, ownRunsSlice(bench, port, "bare again")],
    comparisons: SLICES.map(({ jobsCount }) => ({
      label: `${jobsCount} job${jobsCount === 1 ? "" : "s"} at once, against the bare process`,
      ours: `${jobsCount} at once`,
      floor: "bare",
      twins: ["bare", "bare again"],
      unit: "/s",
    })),
    close: async () => void (await Promise.all([jobs.stop(), stub.stop()])),
  };
}

function ownRunsSlice(bench: Bench, port: number, name: string): Slice {
  const file = join(bench.workDir, "own-runs-at-once.txt");
  const variables = clientVariables(port);
  return {
    name,
    run: async () => {
      await timed(bench, () => start(bench, bench.python, [OWN_RUNS, String(OWN_RUNS_COUNT), file], { variables }));
      return { [name]: perSecond(1, Number(readFileSync(file, "utf8"))) };
    },
  };
}

const perSecond = (count: number, ms: number) => (count / ms) * 1000;
