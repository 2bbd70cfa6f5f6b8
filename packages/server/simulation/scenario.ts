import type { ExecutionMode, PipelineDeclaration } from "@penstock/pipeline";
import { awsTiming, fastTiming, type Timing } from "../src/engine/timing.ts";
import { declare, type LambdaAction } from "./bench.ts";
import type { Random } from "./random.ts";

/** Everything of a run that is settled before it begins. */
export interface Scenario {
  readonly declaration: PipelineDeclaration;
  readonly mode: ExecutionMode;
  readonly timing: Timing;
  readonly failsUnreported: boolean;
  /** How likely each thing that can go wrong in a function does. */
  readonly trouble: number;
  readonly natures: Readonly<Record<string, Nature>>;
  readonly steps: readonly Step[];
  readonly crashesCount: number;
}

/** What a function does when nothing goes wrong. */
export interface Nature {
  readonly continuations: number;
  readonly givesVariables: boolean;
  /** It raises whenever it is called, without a word before. */
  readonly isBroken: boolean;
}

/** What a client does, after so many turns of the event loop since the step before. */
export type Step = { readonly afterTurns: number } & (
  | { readonly type: "start"; readonly executionId: string; readonly token?: string }
  | { readonly type: "stop"; readonly abandon: boolean }
  | { readonly type: "update" }
);

const FUNCTIONS = ["f1", "f2", "f3"] as const;
/** Declared by actions, but not on record. */
const MISSING_FUNCTION = "nobody";
const STEPS_COUNT_MAX = 10;
const CRASHES_COUNT_MAX = 8;

export function makeScenario(random: Random): Scenario {
  const mode = random.pick<ExecutionMode>(["SUPERSEDED", "QUEUED", "PARALLEL"]);
  return {
    declaration: declare(makeStages(random.fork("stages")), { executionMode: mode, pipelineType: "V2" }),
    mode,
    timing: random.pick([fastTiming, fastTiming, awsTiming]),
    failsUnreported: random.chance(0.6),
    trouble: random.pick([0, 0, 0.03, 0.1, 0.3]),
    natures: Object.fromEntries(FUNCTIONS.map((name) => [name, makeNature(random.fork(name))])),
    steps: makeSteps(random.fork("steps")),
    crashesCount: 1 + random.int(CRASHES_COUNT_MAX),
  };
}

function makeNature(random: Random): Nature {
  return { continuations: random.int(4), givesVariables: random.chance(0.95), isBroken: random.chance(0.08) };
}

function makeStages(random: Random): LambdaAction[][] {
  const stages: LambdaAction[][] = [];
  for (let stage = 1 + random.int(3); stage > 0; stage -= 1) stages.push(makeStage(random, stages));
  return stages;
}

function makeStage(random: Random, before: readonly LambdaAction[][]): LambdaAction[] {
  const known = before.flat().flatMap(({ namespace }) => namespace ?? []);
  const actions: LambdaAction[] = [];
  for (let place = 1 + random.int(3); place > 0; place -= 1) {
    const name = `A${before.length + 1}${place}`;
    const [first, ...others] = known;
    actions.push({
      name,
      function: random.chance(0.04) ? MISSING_FUNCTION : random.pick(FUNCTIONS),
      runOrder: 1 + random.int(3),
      inputs: ["Source"],
      ...(random.chance(0.7) && { namespace: `N${name}` }),
      ...(first !== undefined && random.chance(0.5) && { parameters: `#{${random.pick([first, ...others])}.Job}` }),
    });
  }
  return actions;
}

function makeSteps(random: Random): Step[] {
  const steps: Step[] = [{ afterTurns: 0, type: "start", executionId: "e0" }];
  const count = random.int(STEPS_COUNT_MAX);
  for (let number = 1; number <= count; number += 1) {
    const afterTurns = random.int(40);
    if (random.chance(0.25)) steps.push({ afterTurns, type: "stop", abandon: random.chance(0.4) });
    else if (random.chance(0.1)) steps.push({ afterTurns, type: "update" });
    else {
      const token = random.chance(0.4) ? { token: `token${random.int(3)}` } : {};
      steps.push({ afterTurns, type: "start", executionId: `e${number}`, ...token });
    }
  }
  return steps;
}
