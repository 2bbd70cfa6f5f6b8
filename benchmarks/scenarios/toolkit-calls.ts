import { join } from "node:path";
import { build } from "esbuild";
import { type Bench, clientVariables, ROOT, startNode, timed } from "../bench.ts";
import type { StubAnswer } from "../floors/stub.ts";
import type { Comparison, Figures } from "../measuring/compare.ts";
import type { Rig, Slice } from "../measuring/rounds.ts";
import { type Program, startProgram } from "../program.ts";
import type { WarmHandlerAnswer, WarmHandlerQuestion } from "../programs/warm-handler.ts";
import type { Scenario } from "./scenario.ts";

/** What a cold start may cost more with the toolkit. Unit: milliseconds. */
const ADDED_MS_MAX = 10;

/** What the toolkit costs a function that only reports. */
export const toolkitCalls: Scenario = {
  name: "toolkit-calls",
  title: "A handler of the toolkit, against a bare one",
  method: `Both are bundled and minified for Node 20 without the AWS SDK, and report success once to a running server that does nothing. Cold is a process from its start to its end; what the toolkit adds to that is held against ${ADDED_MS_MAX} ms. Warm is one of 300 calls in a process, after each other.`,
  roundsCount: 15,
  warmUpCount: 2,
  open,
};

const CALLS_COUNT = 300;

/** A ratio needs a figure above nothing. Unit: milliseconds. */
const LEAST_MS = 0.1;

type Which = "toolkit" | "bare";
type Warm = Program<WarmHandlerQuestion, WarmHandlerAnswer>;

async function open(bench: Bench): Promise<Rig> {
  const program = (path: string) => new URL(path, import.meta.url);
  const stub = startProgram<object, StubAnswer>(bench, program("../floors/stub.ts"));
  const { port } = await stub.ask({});
  const variables = clientVariables(port);
  const modules = {
    toolkit: await bundle(bench, "toolkit-report.ts"),
    bare: await bundle(bench, "report.mjs"),
  };
  const warm = () =>
    startProgram<WarmHandlerQuestion, WarmHandlerAnswer>(bench, program("../programs/warm-handler.ts"), { variables });
  const programs: Readonly<Record<Which, Warm>> = { toolkit: warm(), bare: warm() };
  const script = join(ROOT, "benchmarks/floors/call-once.mjs");
  const cold = (which: Which, name: string): Slice => ({
    name,
    run: async () => ({ [name]: await timed(bench, () => startNode(bench, [script, modules[which]], { variables })) }),
  });
  const warmed = (which: Which, name: string): Slice => ({
    name,
    run: async () => ({ [name]: (await programs[which].ask({ module: modules[which], count: CALLS_COUNT })).ms }),
  });
  return {
    slices: [
      cold("bare", "bare cold"),
      cold("toolkit", "toolkit cold"),
      cold("bare", "bare cold again"),
      warmed("bare", "bare warm"),
      warmed("toolkit", "toolkit warm"),
      warmed("bare", "bare warm again"),
    ],
    derive: ({ "toolkit cold": ours = 0, "bare cold": bare = 0 }): Figures => ({
      added: Math.max(ours - bare, LEAST_MS),
      allowed: ADDED_MS_MAX,
    }),
    comparisons: [
      comparisonOf("cold", "a cold start, against a bare handler's"),
      {
        ...comparisonOf("cold", "what that adds, against what it may"),
        ours: "added",
        floor: "allowed",
        goal: { atMost: 1 },
      },
      comparisonOf("warm", "a warm call, against a bare handler's"),
    ],
    close: async () => void (await Promise.all([stub, ...Object.values(programs)].map((one) => one.stop()))),
  };
}

const comparisonOf = (kind: "cold" | "warm", label: string): Comparison => ({
  label,
  ours: `toolkit ${kind}`,
  floor: `bare ${kind}`,
  twins: [`bare ${kind}`, `bare ${kind} again`],
  unit: "ms",
});

async function bundle({ workDir }: Bench, file: string): Promise<string> {
  const outfile = join(workDir, file.replace(/\.\w+$/, ".bundle.mjs"));
  await build({
    entryPoints: [join(ROOT, "benchmarks/functions/node", file)],
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["@aws-sdk/*"],
  });
  return outfile;
}
