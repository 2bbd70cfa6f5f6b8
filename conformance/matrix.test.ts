import { rmSync } from "node:fs";
import type { ActionExecutionDetail } from "@aws-sdk/client-codepipeline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Client } from "./client.ts";
import { BUCKET, createFunction, lambdaAction, layGround, pipeline, REPORTING_POLICY, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { SCRATCH } from "./matrix-programs.ts";
import { matrixRows, type Row, WAYS, type Way } from "./matrix-rows.ts";
import { type Penstock, startPenstock } from "./server.ts";

/*
 * Functions that know nothing of Penstock, in every language and with every SDK at hand, each in every way of naming
 * where AWS is. One only reports. The other does the work of the demo's three functions, in small and by what its
 * action says: it reads all its inputs, continues until it was called `jobs` times, fails when the variable `size` of
 * an action before is not that of its last input, writes its inputs after one another, encrypted, and puts out a
 * variable. The demo's own functions run in `demo-functions.test.ts`.
 */

afterAll(() => rmSync(SCRATCH, { recursive: true, force: true }));

for (const row of matrixRows()) {
  // Not every machine has every Python, curl and compiler; the name says what this one lacks.
  if (row.missing) test.skip(`${row.name}: ${row.missing}`, () => {});
  else describe(row.name, () => runRow(row));
}

function runRow(row: Row): void {
  let server: Penstock;
  let client: Client;
  let code: Uint8Array;
  let source: Uint8Array;
  beforeAll(async () => {
    code = await row.code();
    source = await zipOf({ "readme.txt": `for ${row.name}\n` });
    server = await startPenstock(row.python === undefined ? {} : { python: row.python });
    client = javascript(server);
    await layGround(client, source);
  }, 180_000); // it may have to compile
  afterAll(() => server.stop());

  test.each(row.ways)("%s", async (way) => {
    const name = `way-${row.ways.indexOf(way)}`;
    await createFunctions(client, name, row, code, way);
    const actions = ["Report", "Summarise", "Render", "Publish"] as const;
    await client.codePipeline.createPipeline({ pipeline: pipeline(name, stagesOf(name)) });
    const done = await finished(server, client, name);
    expect(done).toMatchObject(Object.fromEntries(actions.map((action) => [action, { status: "Succeeded" }])));
    const size = source.length;
    expect(actions.map((action) => done[action]?.output?.outputVariables)).toEqual([
      {},
      { Size: `${size}` },
      { Size: `${2 * size}` },
      { Size: `${3 * size}` },
    ]);
    const { body, encryption } = await outputOf(client, done["Publish"]);
    expect([body, encryption]).toEqual([Buffer.concat([source, source, source]), "aws:kms"]);
    expect(jobsOf(server, name)).toEqual({ Report: 1, Summarise: 3, Render: 2, Publish: 1 });

    const stale = `${name}-stale`;
    await client.codePipeline.createPipeline({ pipeline: pipeline(stale, [publish(name, "0", ["SourceZip"])]) });
    expect((await finished(server, client, stale))["Publish"]?.status).toBe("Failed");
    const { stageStates = [] } = await client.codePipeline.getPipelineState({ name: stale });
    expect(stageStates[1]?.actionStates?.[0]?.latestExecution?.errorDetails).toEqual({
      code: "RevisionOutOfSync",
      message: `size is ${size} but the variable says 0`,
    });
  });
}

async function createFunctions(client: Client, name: string, row: Row, code: Uint8Array, way: Way): Promise<void> {
  for (const handler of ["report", "work"]) {
    await createFunction(client, {
      name: `${name}-${handler}`,
      runtime: row.runtime,
      handler: row.module ? `${row.module}.${handler}` : handler,
      code,
      policy: REPORTING_POLICY,
      environment: { ...row.environment, ...WAYS[way] },
    });
  }
}

function stagesOf(name: string) {
  const work = `${name}-work`;
  return [
    lambdaAction("Report", `${name}-report`),
    lambdaAction("Summarise", work, {
      namespace: "Summarised",
      configuration: { UserParameters: "jobs=3" },
      inputArtifacts: [{ name: "SourceZip" }],
      outputArtifacts: [{ name: "Summary" }],
    }),
    lambdaAction("Render", work, {
      namespace: "Rendered",
      configuration: { UserParameters: "jobs=2 size=#{Summarised.Size}" },
      inputArtifacts: [{ name: "SourceZip" }, { name: "Summary" }],
      outputArtifacts: [{ name: "Report" }],
    }),
    publish(name, "#{Rendered.Size}", ["Summary", "Report"]),
  ];
}

function publish(name: string, size: string, inputs: readonly string[]) {
  return lambdaAction("Publish", `${name}-work`, {
    configuration: { UserParameters: `jobs=1 size=${size}` },
    inputArtifacts: inputs.map((input) => ({ name: input })),
    outputArtifacts: [{ name: "Release" }],
  });
}

/** The executions of the actions, by name, when nothing runs any more. */
async function finished(server: Penstock, { codePipeline }: Client, pipelineName: string) {
  const listed = await codePipeline.listPipelineExecutions({ pipelineName });
  await server.settled(listed.pipelineExecutionSummaries?.[0]?.pipelineExecutionId);
  const { actionExecutionDetails = [] } = await codePipeline.listActionExecutions({ pipelineName });
  const byName: Record<string, ActionExecutionDetail> = {};
  for (const details of actionExecutionDetails) byName[details.actionName ?? ""] = details;
  return byName;
}

async function outputOf({ s3 }: Client, details: ActionExecutionDetail | undefined) {
  const Key = details?.output?.outputArtifacts?.[0]?.s3location?.key;
  const { Body: body, ServerSideEncryption: encryption } = await s3.getObject({ Bucket: BUCKET, Key });
  return { body: Buffer.from((await body?.transformToByteArray()) ?? []), encryption };
}

/** How many jobs each action of a pipeline has had. */
function jobsOf(server: Penstock, pipelineName: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type, pipeline, action = "" } of server.story)
    if (type === "jobCreated" && pipeline === pipelineName) counts[action] = (counts[action] ?? 0) + 1;
  return counts;
}
