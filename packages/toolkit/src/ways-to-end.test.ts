import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Client } from "../../../conformance/client.ts";
import {
  allow,
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
import { handler, parametersOf, plain, WAYS, withSdkAlone } from "./ways-to-end.scripted.ts";

const rows = Object.entries(WAYS).map(([way, { report, isLate = false, isPlain = false }]) => ({
  way,
  report,
  isLate,
  isPlain,
}));
const inputs = { Source: { "readme.txt": "hello\n" } };

test("there are at least 25 ways", () => {
  expect(rows.length).toBeGreaterThanOrEqual(25);
});

describe("in memory, a function that", () => {
  test.each(rows)("$way has one report", async ({ way, report, isLate, isPlain }) => {
    const deadline = isLate ? { deadlineMs: 5 } : {};
    const options = { parameters: parametersOf(way), inputs, outputs: ["Report"], ...deadline };
    const runs: JobRun[] = [await runJob(isPlain ? plain : handler, options)];
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
  let pipelinesCount = 0;

  beforeAll(async () => {
    server = await startPenstock();
    client = javascript(server);
    await layGround(client, await zipOf({ "readme.txt": "hello\n" }));
    const bundle = await bundled("ways-to-end.scripted.ts");
    const declared = { runtime: "nodejs24.x", handler: "index.handler", policy: REPORTING_POLICY } as const;
    const code = await zipOf({ "index.mjs": bundle });
    for (const name of ["ways", "late-ways"]) await createFunction(client, { ...declared, name, code });
    await createFunction(client, { ...declared, name: "late-plain", code, handler: "index.plain" });
    const bare = await zipOf({ "index.mjs": await bundled("bare-handler.scripted.ts") });
    for (const name of ["bare", "late-bare"]) await createFunction(client, { ...declared, name, code: bare });
    for (const late of ["late-ways", "late-plain", "late-bare"])
      await client.lambda.updateFunctionConfiguration({ FunctionName: late, Timeout: 2 });
    const unsteady = await zipOf({ "index.mjs": await bundled("unsteady-reports.scripted.ts") });
    await createFunction(client, { ...declared, name: "unsteady", code: unsteady });
    await createFunction(client, { ...declared, name: "by-itself", code: unsteady, handler: "index.byItself" });
    await createFunction(client, { ...declared, name: "denied", code: unsteady, handler: "index.denied" });
    const onlyFailures = allow(["codepipeline:PutJobFailureResult"]);
    await createFunction(client, { ...declared, name: "only-failures", code, policy: onlyFailures });
    await createFunction(client, { ...declared, name: "mute", code, policy: allow(["codepipeline:GetJobDetails"]) });
  });
  afterAll(() => server.stop());

  test.each(rows)("$way has one report for each job, of one call", async ({ way, report, isLate, isPlain }) => {
    const told = await storyOf(way, isPlain ? "late-plain" : isLate ? "late-ways" : "ways");
    expect(tellOf(told)).toBe(report);
    const jobs = count(told, "jobCreated");
    expect([count(told, "reported"), count(told, "invoked")]).toEqual([jobs, jobs]);
  });

  test.each(["is throttled", "is taken, but its answer gets lost"])(
    "has a report that %s is called again, and sends the same one without another run",
    async (way) => {
      const told = await storyOf(way, "unsteady");
      expect(tellOf(told)).toBe('Succeeded {"Runs":"1"}');
      expect([count(told, "invoked"), raised(told)]).toEqual([2, 1]);
    },
  );

  test("has put a result itself has that one, and the toolkit's is not taken", async () => {
    const told = await storyOf("returns a success", "by-itself");
    expect(tellOf(told)).toBe("Succeeded");
    expect([count(told, "reported"), count(told, "invoked")]).toEqual([1, 1]);
  });

  test("makes a call that its role may not make fails, and says which", async () => {
    const told = await storyOf("is denied", "denied");
    expect(tellOf(told)).toMatch(/^Failed PermissionError: AccessDeniedException: .*codepipeline:ListPipelines/);
  });

  test("may not report a success fails, and says why", async () => {
    const told = await storyOf("returns a success", "only-failures");
    expect(tellOf(told)).toMatch(
      /^Failed PermissionError: The success of the job could not be reported: AccessDeniedException: .*codepipeline:PutJobSuccessResult/,
    );
    expect([count(told, "reported"), count(told, "invoked")]).toEqual([1, 1]);
  });

  test("may report nothing has no report; each of Lambda's three calls ends with an error that names the rights", async () => {
    const told = await storyOf("throws an error", "mute");
    expect([count(told, "reported"), count(told, "invoked"), raised(told)]).toEqual([0, 3, 3]);
    expect(JSON.stringify(told)).toContain(
      "needs codepipeline:PutJobSuccessResult and codepipeline:PutJobFailureResult.",
    );
  });

  /*
   * For comparison: a function with the SDK alone, which reports success at its end, as most do. In AWS each action
   * that ends without a report hangs for 20 minutes; the server of the tests says so at once.
   */
  const comparable = rows.flatMap((row) => {
    const alone = withSdkAlone(row.way);
    return alone ? [{ ...row, alone }] : [];
  });
  test.each(comparable)("$way $alone when the SDK is used alone", async ({ way, isLate, alone }) => {
    const told = await storyOf(way, isLate ? "late-bare" : "bare");
    expect(count(told, "reported")).toBe(alone === "hangs" ? 0 : 1);
    if (alone === "hangs") expect(tellOfEnd(told)).toContain("failed to return a result");
  });

  /** Has a function called by a pipeline of its own, and answers what the server told of that. */
  async function storyOf(way: string, functionName: string): Promise<readonly StoryEntry[]> {
    pipelinesCount += 1;
    const name = `${functionName}-${pipelinesCount}`;
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

/** Calls that ended with an error. */
const raised = (told: readonly StoryEntry[]) =>
  told.filter((entry) => entry.type === "attemptEnded" && entry.outcome !== "returned").length;

const count = (told: readonly StoryEntry[], type: StoryEntry["type"]) =>
  told.filter((entry) => entry.type === type).length;

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
