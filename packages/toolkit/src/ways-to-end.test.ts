import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Client } from "../../../conformance/client.ts";
import {
  createFunction,
  lambdaAction,
  layGround,
  pipeline,
  REPORTING_POLICY,
  sourceAction,
  zipOf,
} from "../../../conformance/ground.ts";
import { javascript } from "../../../conformance/javascript.ts";
import { type Penstock, startPenstock } from "../../../conformance/server.ts";
import type { StoryEntry } from "../../server/src/index.ts";
import type { JobReport } from "./surroundings.ts";
import { type JobRun, runJob } from "./testing/testing.ts";
import { handler, parametersOf, WAYS } from "./ways-to-end.scripted.ts";

const rows = Object.entries(WAYS).map(([way, { report, isLate = false }]) => ({ way, report, isLate }));
const inputs = { Source: { "readme.txt": "hello\n" } };

test("there are at least 25 ways", () => {
  expect(rows.length).toBeGreaterThanOrEqual(25);
});

describe("in memory, a function that", () => {
  test.each(rows)("$way has one report", async ({ way, report, isLate }) => {
    const deadline = isLate ? { deadlineMs: 5 } : {};
    const options = { parameters: parametersOf(way), inputs, outputs: ["Report"], ...deadline };
    const runs: JobRun[] = [await runJob(handler, options)];
    if (runs[0]?.report.status === "Continued") runs.push(await runs[0].next());
    for (const run of runs) expect(run.reports).toEqual([run.report]);
    expect(runs.map((run) => textOf(run.report)).join(", ")).toBe(report);
  });
});

/** A report in one line, without the id of the request. */
function textOf(report: JobReport): string {
  if (report.status === "Continued") return `Continued ${report.continuationToken}`;
  if (report.status === "Failed") return `Failed ${report.type}: ${tidy(report.message)}`;
  return report.variables ? `Succeeded ${JSON.stringify(report.variables)}` : "Succeeded";
}

function tidy(message: string): string {
  expect(message).toMatch(/ \(Lambda request [\w-]+\)$/);
  expect(message.length).toBeLessThanOrEqual(5000);
  return message.replace(/ \(Lambda request [\w-]+\)$/, "").replace(/^(🚀)+…$/u, "🚀…");
}

/*
 * The same through the real engine: a function in a process of its own, that reports by the AWS SDK with the rights of
 * its role, and the story that the server tells of it.
 */
describe("through the real engine, a function that", () => {
  let server: Penstock;
  let client: Client;

  beforeAll(async () => {
    server = await startPenstock();
    client = javascript(server);
    await layGround(client, await zipOf({ "readme.txt": "hello\n" }));
    const bundle = await bundled("ways-to-end.scripted.ts");
    const declared = { runtime: "nodejs24.x", handler: "index.handler", policy: REPORTING_POLICY } as const;
    const code = await zipOf({ "index.mjs": bundle });
    for (const name of ["ways", "late-ways"]) await createFunction(client, { ...declared, name, code });
    const bare = await zipOf({ "index.mjs": await bundled("bare-handler.scripted.ts") });
    await createFunction(client, { ...declared, name: "bare", code: bare });
    await client.lambda.updateFunctionConfiguration({ FunctionName: "late-ways", Timeout: 2 });
  });
  afterAll(() => server.stop());

  test.each(rows)("$way has one report for each job, of one call", async ({ way, report, isLate }) => {
    const told = await storyOf(way, isLate ? "late-ways" : "ways");
    const count = (type: StoryEntry["type"]) => told.filter((entry) => entry.type === type).length;
    expect(tellOf(told)).toBe(report);
    expect([count("reported"), count("invoked")]).toEqual([count("jobCreated"), count("jobCreated")]);
  });

  /*
   * For comparison: a function with the SDK alone, which reports success at its end, as most do. In AWS each action
   * that ends without a report hangs for 20 minutes; the server of the tests says so at once.
   */
  const comparable = rows.filter(({ way, isLate }) => usesNothing(way) && !isLate);
  test.each(comparable)(
    "$way ends without a report when the SDK is used alone, unless all is well",
    async ({ way, report }) => {
      const told = await storyOf(way, "bare");
      const isWell = report === "Succeeded" || way === "has parameters that are refused";
      expect(told.filter((entry) => entry.type === "reported").length).toBe(isWell ? 1 : 0);
      if (!isWell) expect(tellOfEnd(told)).toContain("failed to return a result");
    },
  );

  /** Has a function called by a pipeline of its own, and answers what the server told of that. */
  async function storyOf(way: string, functionName: string): Promise<readonly StoryEntry[]> {
    const name = `${functionName}-${rows.findIndex((row) => row.way === way)}`;
    const action = lambdaAction("Call", functionName, {
      configuration: { UserParameters: JSON.stringify(parametersOf(way)) },
      inputArtifacts: [{ name: "Source" }],
      outputArtifacts: [{ name: "Report" }],
    });
    const source = sourceAction({ outputArtifacts: [{ name: "Source" }] });
    const { stages = [], ...declared } = pipeline(name, [action]);
    await client.codePipeline.createPipeline({
      pipeline: { ...declared, stages: [{ name: "Source", actions: [source] }, ...stages.slice(1)] },
    });
    const { pipelineExecutionSummaries } = await client.codePipeline.listPipelineExecutions({ pipelineName: name });
    const executionId = pipelineExecutionSummaries?.[0]?.pipelineExecutionId; // its creation started it
    await server.settled(executionId);
    return server.story.filter((entry) => entry.executionId === executionId && entry.action === "Call");
  }
});

/** Whether a way is the same without a job. */
const usesNothing = (way: string) => WAYS[way]?.run.length === 0;

const tellOfEnd = (told: readonly StoryEntry[]) =>
  told.find((entry) => entry.type === "actionFinished")?.error?.message;

/** What the story tells of an action, in the words of the table. */
function tellOf(told: readonly StoryEntry[]): string {
  const tokens = told.flatMap((entry) => (entry.type === "jobCreated" ? (entry.continuationToken ?? []) : []));
  const end = told.find((entry) => entry.type === "actionFinished");
  if (end?.error) return [...tokens.map(continued), `Failed ${end.error.code}: ${tidy(end.error.message)}`].join(", ");
  const variables = end?.outputVariables ?? {};
  const success = Object.keys(variables).length > 0 ? `Succeeded ${JSON.stringify(variables)}` : "Succeeded";
  return [...tokens.map(continued), success].join(", ");
}

const continued = (token: string) => `Continued ${token}`;

/** A module with all that it imports but the SDK, as `penstock package` would make it for Node 20. */
async function bundled(file: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["@aws-sdk/*"],
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}
