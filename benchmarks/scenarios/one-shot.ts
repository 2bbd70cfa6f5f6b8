import { join } from "node:path";
import { type Bench, clientVariables, PROGRAM, ROOT, start, startNode, timed } from "../bench.ts";
import type { StubAnswer } from "../floors/stub.ts";
import type { Rig } from "../measuring/rounds.ts";
import { startProgram } from "../program.ts";
import type { Scenario } from "./scenario.ts";

/** One function, run as one action by a process that starts and ends. */
export const oneShot: Scenario = {
  name: "one-shot",
  title: "`penstock invoke`, from the start of the process to its end",
  method:
    "Ours is the built program with the reference function (it reports, raises, and is tried twice more) and with one on the AWS SDK v3. The floor is the interpreter alone: the same imports and one PutJobSuccessResult to a running server that does nothing.",
  roundsCount: 15,
  warmUpCount: 2,
  open,
};

const REFERENCE = join(ROOT, "examples/invoke-lambda/lambda_function.lambda_handler");
const IN_NODE = join(ROOT, "benchmarks/functions/node/report.handler");
const PYTHON_FLOOR = join(ROOT, "benchmarks/floors/report.py");
const NODE_FLOOR = join(ROOT, "benchmarks/floors/report.mjs");

async function open(bench: Bench): Promise<Rig> {
  const stub = startProgram<object, StubAnswer>(bench, new URL("../floors/stub.ts", import.meta.url));
  const { port } = await stub.ask({});
  const variables = clientVariables(port);
  const invoke = (handler: string, profileAs: string) =>
    timed(bench, () => startNode(bench, [PROGRAM, "invoke", handler], { profileAs }));
  const python = () => timed(bench, () => start(bench, bench.python, [PYTHON_FLOOR], { variables }));
  const node = () => timed(bench, () => startNode(bench, [NODE_FLOOR], { variables }));
  const slice = (name: string, run: () => Promise<number>) => ({ name, run: async () => ({ [name]: await run() }) });
  return {
    slices: [
      slice("python", python),
      slice("invoke python", () => invoke(REFERENCE, "invoke python")),
      slice("python again", python),
      slice("node", node),
      slice("invoke node", () => invoke(IN_NODE, "invoke node")),
      slice("node again", node),
    ],
    comparisons: [
      {
        label: "reference function, against bare `python3`",
        ours: "invoke python",
        floor: "python",
        twins: ["python", "python again"],
        unit: "ms",
        goal: { atMost: 1.1 },
      },
      {
        label: "Node function on SDK v3, against bare `node`",
        ours: "invoke node",
        floor: "node",
        twins: ["node", "node again"],
        unit: "ms",
        goal: { atMost: 1.55 },
      },
    ],
    close: () => stub.stop(),
  };
}
