import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { CommitsAnswer, CommitsQuestion } from "../floors/commits.ts";
import type { Comparison, Goal } from "../measuring/compare.ts";
import type { Rig, Slice } from "../measuring/rounds.ts";
import { startProgram } from "../program.ts";
import type { LoadAnswer, LoadQuestion } from "../programs/load.ts";
import type { WaitingJobsAnswer, WaitingJobsQuestion } from "../programs/waiting-jobs.ts";
import type { Scenario } from "./scenario.ts";

/** How many results the server takes. */
export const reports: Scenario = {
  name: "reports",
  title: "PutJobSuccessResult, durable before it is answered",
  method:
    "Ours takes results of jobs that really wait, signed with the credentials of the function's role, whose policy is asked; each result ends its action and its execution. The load comes from another process on the other core, where there is one. The floor is SQLite on the same disk: one change a commit, WAL, synchronous=FULL.",
  roundsCount: 7,
  warmUpCount: 1,
  open,
};

/** Results in one slice, by the number of connections. */
const SLICES: readonly { readonly connectionsCount: number; readonly resultsCount: number; readonly goal?: Goal }[] = [
  { connectionsCount: 1, resultsCount: 300, goal: { atLeast: 0.25 } },
  { connectionsCount: 8, resultsCount: 600 },
  { connectionsCount: 32, resultsCount: 1200, goal: { atLeast: 1 } },
];

const COMMITS_COUNT = 1500;
const REGION = "us-east-1";

async function open(bench: Bench): Promise<Rig> {
  const program = (path: string) => new URL(path, import.meta.url);
  const programs = {
    jobs: startProgram<WaitingJobsQuestion, WaitingJobsAnswer>(bench, program("../programs/waiting-jobs.ts"), {
      core: 0,
    }),
    load: startProgram<LoadQuestion, LoadAnswer>(bench, program("../programs/load.ts"), { core: 1 }),
    commits: startProgram<CommitsQuestion, CommitsAnswer>(bench, program("../floors/commits.ts"), { core: 0 }),
  };
  const resultsSlice = (connectionsCount: number, resultsCount: number): Slice => ({
    name: `results ${connectionsCount}`,
    run: async () => {
      const waiting = await programs.jobs.ask({ workDir: bench.workDir, jobsCount: resultsCount });
      const { ms } = await programs.jobs.profiled(`connections ${connectionsCount}`, () =>
        programs.load.ask({ ...waiting, region: REGION, connectionsCount }),
      );
      return { [`results ${connectionsCount}`]: perSecond(resultsCount, ms) };
    },
  });
  const commitsSlice = (name: string): Slice => ({
    name,
    run: async () => {
      const { ms } = await programs.commits.ask({
        path: join(bench.workDir, "commits.sqlite"),
        count: COMMITS_COUNT,
      });
      return { [name]: perSecond(COMMITS_COUNT, ms) };
    },
  });
  return {
    slices: [
      commitsSlice("commits"),
      ...SLICES.map(({ connectionsCount, resultsCount }) => resultsSlice(connectionsCount, resultsCount)),
      commitsSlice("commits again"),
    ],
    comparisons: SLICES.map(({ connectionsCount, goal }) => comparisonOf(connectionsCount, goal)),
    close: async () => void (await Promise.all(Object.values(programs).map((one) => one.stop()))),
  };
}

function comparisonOf(connectionsCount: number, goal: Goal | undefined): Comparison {
  return {
    label: `${connectionsCount} connection${connectionsCount === 1 ? "" : "s"}, against raw commits`,
    ours: `results ${connectionsCount}`,
    floor: "commits",
    twins: ["commits", "commits again"],
    unit: "/s",
    ...(goal && { goal }),
  };
}

const perSecond = (count: number, ms: number) => (count / ms) * 1000;
