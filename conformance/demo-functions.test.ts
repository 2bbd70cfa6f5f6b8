import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { BUCKET, createFunction, layGround, PIPELINE_ROLE, REPORTING_POLICY, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { SCRATCH } from "./matrix-programs.ts";
import { boto3Of, findPython } from "./matrix-rows.ts";
import { startPenstock, WORKSPACE } from "./server.ts";

/* The demo's functions as they are, in the demo's own pipeline, on the oldest Pythons and boto3 that are at hand and the newest. */

const EXAMPLES = join(WORKSPACE, "examples");
afterAll(() => rmSync(SCRATCH, { recursive: true, force: true }));

/** What the demo's pipeline ends with, whatever it runs on. */
const REPORT_SHA256 = "18e77aa30133749593c21d05a0953d5773ff63cbc45abfb5956c7cd94330dbec";

for (const version of ["3.6", "3.9", "3.13"]) {
  const python = findPython(version);
  const boto3 = python === undefined ? undefined : boto3Of(python);
  // Not every machine has every Python; the name says what this one lacks.
  if (!python || !boto3)
    test.skip(`Python ${version}: there is none, or no boto3 that works with it`, () => {}); // see above
  else describe(`Python ${version}, boto3 ${boto3.version}, and Node`, () => runDemo(python, boto3.folder));
}

function runDemo(python: string, PYTHONPATH: string): void {
  test("the demo's three functions and the documentation's sample make the report that the demo makes", async () => {
    const server = await startPenstock({ python });
    try {
      const client = javascript(server);
      await layGround(client, await zipOf(filesOf(join(EXAMPLES, "demo/source"))));
      const declared = { policy: REPORTING_POLICY, environment: { PYTHONPATH }, runtime: "python3.12" } as const;
      const sample = await zipOf(filesOf(join(EXAMPLES, "invoke-lambda")));
      await createFunction(client, {
        ...declared,
        name: "invoke-lambda",
        handler: "lambda_function.lambda_handler",
        code: sample,
      });
      const orders = await zipOf(filesOf(join(EXAMPLES, "demo/functions/orders")));
      for (const one of ["summarise", "publish"])
        await createFunction(client, {
          ...declared,
          name: `demo-${one}`,
          handler: `${one}.lambda_handler`,
          code: orders,
        });
      const code = await zipOf({ ...filesOf(join(EXAMPLES, "demo/functions/report")), ...packages("yauzl", "yazl") });
      const render = { name: "demo-render", runtime: "nodejs24.x", handler: "render.handler", code } as const;
      await createFunction(client, { ...declared, ...render });

      const pipelineName = "penstock-demo";
      await client.codePipeline.createPipeline({ pipeline: demoPipeline() });
      const listed = await client.codePipeline.listPipelineExecutions({ pipelineName });
      await server.settled(listed.pipelineExecutionSummaries?.[0]?.pipelineExecutionId);
      const { actionExecutionDetails = [] } = await client.codePipeline.listActionExecutions({ pipelineName });
      const ends = actionExecutionDetails.map(({ actionName, status }) => `${actionName} ${status}`);
      expect(ends.sort()).toEqual([
        "Orders Succeeded",
        "Release Succeeded",
        "Render Succeeded",
        "Report-a-result Succeeded",
        "Summarise Succeeded",
      ]);
      const release = actionExecutionDetails.find(({ actionName }) => actionName === "Release");
      expect(release?.output?.outputVariables).toEqual({ ReportSha256: REPORT_SHA256 });
    } finally {
      await server.stop();
    }
  });
}

/** The demo's, on the ground of these tests. */
function demoPipeline() {
  const { pipeline } = JSON.parse(readFileSync(join(EXAMPLES, "demo/pipeline.json"), "utf8"));
  const [source] = pipeline.stages[0].actions;
  Object.assign(source.configuration, { S3Bucket: BUCKET, S3ObjectKey: "source.zip" });
  return { ...pipeline, roleArn: PIPELINE_ROLE, artifactStore: { type: "S3", location: BUCKET } };
}

function filesOf(folder: string): Record<string, Buffer> {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const files = entries
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/\.test\.ts$|\.pyc$/.test(file));
  return Object.fromEntries(files.map((file) => [file.slice(folder.length + 1), readFileSync(file)]));
}

/** Packages with what they need, as `npm install` would put them beside the code. */
function packages(...names: readonly string[]): Record<string, Buffer> {
  const found: Record<string, Buffer> = {};
  for (const name of names) {
    const folder = join(WORKSPACE, "node_modules", name);
    for (const [path, content] of Object.entries(filesOf(folder))) found[`node_modules/${name}/${path}`] = content;
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    Object.assign(found, packages(...Object.keys(dependencies)));
  }
  return found;
}
