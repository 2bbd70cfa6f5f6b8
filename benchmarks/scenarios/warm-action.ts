import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bench, clientVariables, ROOT, start, timed } from "../bench.ts";
import type { RoundTripsAnswer, RoundTripsQuestion } from "../floors/round-trips.ts";
import type { StubAnswer } from "../floors/stub.ts";
import type { Comparison, Figures, Goal } from "../measuring/compare.ts";
import type { Rig, Slice } from "../measuring/rounds.ts";
import { median } from "../measuring/statistics.ts";
import { type Program, startProgram } from "../program.ts";
import type { WarmActionsAnswer, WarmActionsQuestion } from "../programs/warm-actions.ts";
import type { Scenario } from "./scenario.ts";

/** What the engine adds to a function that is warm. */
export const warmAction: Scenario = {
  name: "warm-action",
  title: "A warm Lambda action, from its start to Succeeded on record",
  method:
    "Ours begins when the pipeline's source has done its work and nothing of that is on record, and ends when the execution is on record as Succeeded; one execution at a time, medians of 200. The floor is the function's own run by its own clock in the executions of one action: one boto3 PutJobSuccessResult, with the round trip and the sync that it waits for; five times that for five actions, whose own clocks would count the time in which one run overlaps the next. The second floor takes the same run against a server that does nothing, and adds two round trips over loopback.",
  roundsCount: 7,
  warmUpCount: 1,
  open,
};

/** Executions in one slice. */
const EXECUTIONS_COUNT = 200;
const ROUND_TRIPS_COUNT = 1000;
const OWN_RUNS_COUNT = 200;
const OWN_RUNS = join(ROOT, "benchmarks/floors/own_runs.py");

async function open(bench: Bench): Promise<Rig> {
  const program = (path: string) => new URL(path, import.meta.url);
  const actions = startProgram<WarmActionsQuestion, WarmActionsAnswer>(bench, program("../programs/warm-actions.ts"));
  const stub = startProgram<object, StubAnswer>(bench, program("../floors/stub.ts"));
  const trips = startProgram<RoundTripsQuestion, RoundTripsAnswer>(bench, program("../floors/round-trips.ts"));
  const { port } = await stub.ask({});
  const tripsSlice: Slice = {
    name: "round trips",
    run: async () => ({ "round trip": median((await trips.ask({ port, count: ROUND_TRIPS_COUNT })).ms) }),
  };
  return {
    slices: [actionsSlice(bench, actions, 1), actionsSlice(bench, actions, 5), tripsSlice, ownRunsSlice(bench, port)],
    comparisons: [...comparisonsOf(1, { atMost: 1.45 }), ...comparisonsOf(5, { atMost: 1.6 })],
    derive: (figures) => ({ ...floorsOf(figures, 1), ...floorsOf(figures, 5) }),
    close: async () => void (await Promise.all([actions.stop(), stub.stop(), trips.stop()])),
  };
}

/**
 * The own runs count for one action only. Those of every second execution are kept apart, so that the floor can be held
 * against itself.
 */
function actionsSlice(
  { workDir }: Bench,
  program: Program<WarmActionsQuestion, WarmActionsAnswer>,
  actionsCount: number,
): Slice {
  return {
    name: `${actionsCount} in sequence`,
    run: async () => {
      const { total, own } = await program.profiled(`chain of ${actionsCount}`, () =>
        program.ask({ workDir, actionsCount, executionsCount: EXECUTIONS_COUNT }),
      );
      const totals = { [`total ${actionsCount}`]: median(total) };
      if (actionsCount > 1) return totals;
      return {
        ...totals,
        "own 1": median(own),
        "own even 1": median(own.filter((_, index) => index % 2 === 0)),
        "own odd 1": median(own.filter((_, index) => index % 2 === 1)),
      };
    },
  };
}

function ownRunsSlice(bench: Bench, port: number): Slice {
  const file = join(bench.workDir, "own-runs.txt");
  const variables = clientVariables(port);
  return {
    name: "own runs",
    run: async () => {
      await timed(bench, () => start(bench, bench.python, [OWN_RUNS, String(OWN_RUNS_COUNT), file], { variables }));
      return { "bare run": Number(readFileSync(file, "utf8")) };
    },
  };
}

/**
 * What actions cannot do without. `own`: the function's runs, as one action has them; in a chain a report that is on
 * record starts the next action while the function that sent it still ends, and the runs slow each other down by their
 * own clocks. `bare`: the runs without our server, and for each two round trips, which fetch its event and answer it.
 */
function floorsOf(figures: Figures, actionsCount: number): Figures {
  const { "own 1": own = Number.NaN, "bare run": bare = Number.NaN, "round trip": trip = Number.NaN } = figures;
  return {
    [`own floor ${actionsCount}`]: actionsCount * own,
    [`bare floor ${actionsCount}`]: actionsCount * (bare + 2 * trip),
  };
}

function comparisonsOf(actionsCount: number, goal: Goal): readonly Comparison[] {
  const actions = actionsCount === 1 ? "1 action" : `${actionsCount} actions in sequence`;
  const twins = ["own even 1", "own odd 1"] as const;
  const ours = `total ${actionsCount}`;
  return [
    {
      label: `${actions}, against the function's own run`,
      ours,
      floor: `own floor ${actionsCount}`,
      twins,
      unit: "ms",
      goal,
    },
    {
      label: `${actions}, against the run with a server that does nothing and two round trips each`,
      ours,
      floor: `bare floor ${actionsCount}`,
      twins,
      unit: "ms",
    },
  ];
}
