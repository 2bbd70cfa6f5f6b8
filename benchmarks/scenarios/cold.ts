import { join } from "node:path";
import { type Bench, clientVariables, ROOT, start, startNode, timed } from "../bench.ts";
import type { StubAnswer } from "../floors/stub.ts";
import type { Comparison, Goal } from "../measuring/compare.ts";
import type { Rig, Slice } from "../measuring/rounds.ts";
import { startProgram } from "../program.ts";
import type { ColdActionsAnswer, ColdActionsQuestion } from "../programs/cold-actions.ts";
import type { Language } from "../programs/ground.ts";
import type { Scenario } from "./scenario.ts";

/** A function that has no process yet. */
export const cold: Scenario = {
  name: "cold",
  title: "A cold Lambda action, from its start to Succeeded on record",
  method:
    "The server is up and the function has no process. Ours begins when the pipeline's source has done its work and nothing of that is on record, and ends when the execution is on record as Succeeded. The floor is the interpreter alone, from its start to its end: the same imports and one report to a running server that does nothing.",
  roundsCount: 15,
  warmUpCount: 2,
  open,
};

async function open(bench: Bench): Promise<Rig> {
  const program = (path: string) => new URL(path, import.meta.url);
  const stub = startProgram<object, StubAnswer>(bench, program("../floors/stub.ts"));
  const { port } = await stub.ask({});
  const variables = clientVariables(port);
  const actions = () =>
    startProgram<ColdActionsQuestion, ColdActionsAnswer>(bench, program("../programs/cold-actions.ts"));
  const programs = { python: actions(), forked: actions(), node: actions() };
  const floorFile = (name: string) => join(ROOT, "benchmarks/floors", name);
  const floors = {
    python: () => timed(bench, () => start(bench, bench.python, [floorFile("report.py")], { variables })),
    node: () => timed(bench, () => startNode(bench, [floorFile("report.mjs")], { variables })),
  };
  const { workDir } = bench;
  const floor = (language: Language, name: string): Slice => ({
    name,
    run: async () => ({ [name]: await floors[language]() }),
  });
  const ours = (which: keyof typeof programs, name: string): Slice => ({
    name,
    run: async () => {
      const language = which === "node" ? "node" : "python";
      const preloadedFork = which === "forked" ? "python" : "off";
      return { [name]: (await programs[which].ask({ workDir, language, preloadedFork })).ms };
    },
  });
  return {
    slices: [
      floor("python", "python"),
      ours("python", "cold python"),
      ours("forked", "forked python"),
      floor("python", "python again"),
      floor("node", "node"),
      ours("node", "cold node"),
      floor("node", "node again"),
    ],
    comparisons: [
      comparisonOf("python", "cold python", "Python function on boto3, against bare `python3`", { atMost: 0.9 }),
      comparisonOf("python", "forked python", "the same with `preloadedFork`, which `penstock serve` has", {
        atMost: 0.35,
      }),
      comparisonOf("node", "cold node", "Node function on SDK v3, against bare `node`", { atMost: 1.15 }),
    ],
    close: async () => void (await Promise.all([stub, ...Object.values(programs)].map((one) => one.stop()))),
  };
}

function comparisonOf(language: Language, ours: string, label: string, goal: Goal): Comparison {
  return { label, ours, floor: language, twins: [language, `${language} again`], unit: "ms", goal };
}
