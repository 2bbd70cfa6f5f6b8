/*
 * What `penstock package` writes runs where it was sent: functions in TypeScript, with the toolkit, and in Python, created
 * by official clients from their zips, as actions of one pipeline.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { boto3 } from "../../../../conformance/boto3.ts";
import type { Client } from "../../../../conformance/client.ts";
import {
  createFunction,
  type DeclaredFunction,
  lambdaAction,
  layGround,
  pipeline,
  REPORTING_POLICY,
  sourceAction,
  zipOf,
} from "../../../../conformance/ground.ts";
import { javascript } from "../../../../conformance/javascript.ts";
import { type Penstock, startPenstock, WORKSPACE } from "../../../../conformance/server.ts";
import { penstock } from "../capture/testing/penstock.ts";
import type { Packaged } from "./package-function.ts";

/** Fails on purpose when told to, in a line that only a source map can name. */
const WITH_TOOLKIT = `
import { defineJob } from "@penstock/toolkit";
import { count } from "./counting.ts";

interface Wanted { readonly crash?: boolean }

export const handler = defineJob({
  async run(job) {
    const wanted = job.parameters as Wanted;
    const page = await job.input("Report").text("index.html");
    if (wanted.crash) throw new Error(new Error("here").stack);
    return job.succeed({ variables: { Lines: String(count(page)) } });
  },
});
`;

let folder: string;
let server: Penstock;
let clients: readonly [Client, Client];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "penstock-packaged-"));
  symlinkSync(join(WORKSPACE, "node_modules"), join(folder, "node_modules"));
  server = await startPenstock();
  clients = [boto3(server), javascript(server)];
  const source = (name: string) => readFileSync(join(WORKSPACE, "examples/demo/source", name));
  await layGround(
    clients[0],
    await zipOf({ "orders.csv": source("orders.csv"), "report.html": source("report.html") }),
  );
  const toolkit = join(folder, "toolkit");
  mkdirSync(toolkit);
  writeFileSync(join(toolkit, "checked.ts"), WITH_TOOLKIT);
  writeFileSync(join(toolkit, "counting.ts"), "export const count = (text: string) => text.split('\\n').length;\n");
  await createPackaged(clients[0], "summarise", "examples/demo/functions/orders/summarise.lambda_handler");
  await createPackaged(clients[1], "render", "examples/demo/functions/report/render.handler");
  await createPackaged(clients[0], "checked", join(toolkit, "checked.handler"));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function packaged(target: string, options: readonly string[] = []): Promise<Packaged> {
  const out = join(mkdtempSync(join(tmpdir(), "penstock-packaged-")), "function.zip");
  const done = await penstock(["package", target, "--out", out, "--json", ...options], WORKSPACE);
  expect(done.stderr).toBe("");
  return JSON.parse(done.stdout) as Packaged; // what --json prints
}

async function createPackaged(client: Client, name: string, target: string): Promise<void> {
  const { file, handler, runtime, environment, codeSha256 } = await packaged(target);
  await createFunction(client, {
    name,
    handler,
    runtime: runtime as DeclaredFunction["runtime"], // one that Lambda has
    code: readFileSync(file),
    policy: REPORTING_POLICY,
    environment,
  });
  const { CodeSha256 } = await client.lambda.getFunctionConfiguration({ FunctionName: name });
  expect(codeSha256).toBe(CodeSha256);
}

/** Runs all three in a row; answers how the last one finished. */
async function runAll(name: string, parameters: object) {
  const render = { title: "Orders", barsPerJob: 10, orders: "1", total: "2", bestCountry: "Norway" };
  const artifacts = (...names: string[]) => names.map((artifact) => ({ name: artifact }));
  const source = sourceAction({ outputArtifacts: artifacts("Source") });
  const declared = pipeline(name, [
    lambdaAction("Summarise", "summarise", {
      configuration: { UserParameters: JSON.stringify({ rowsPerJob: 100 }) },
      inputArtifacts: artifacts("Source"),
      outputArtifacts: artifacts("Summary"),
    }),
    lambdaAction("Render", "render", {
      configuration: { UserParameters: JSON.stringify(render) },
      inputArtifacts: artifacts("Source", "Summary"),
      outputArtifacts: artifacts("Report"),
    }),
    lambdaAction("Check", "checked", {
      configuration: { UserParameters: JSON.stringify(parameters) },
      inputArtifacts: artifacts("Report"),
      outputArtifacts: [],
    }),
  ]);
  const [, ...stages] = declared.stages ?? [];
  const declaration = { ...declared, stages: [{ name: "Source", actions: [source] }, ...stages] };
  const [client] = clients;
  await client.codePipeline.createPipeline({ pipeline: declaration });
  const { pipelineExecutionId } = await client.codePipeline.startPipelineExecution({ name });
  await server.settled(pipelineExecutionId);
  const { actionExecutionDetails = [] } = await client.codePipeline.listActionExecutions({
    pipelineName: name,
    filter: { ...(pipelineExecutionId !== undefined && { pipelineExecutionId }) },
  });
  return actionExecutionDetails.find(({ actionName }) => actionName === "Check");
}

test("packaged functions in Python, in TypeScript and with the toolkit run as actions", async () => {
  const last = await runAll("packaged", {});
  expect(last?.status).toBe("Succeeded");
  expect(Number(last?.output?.outputVariables?.["Lines"])).toBeGreaterThan(5);
});

test("with the setting that package names, an error tells the line of the source", async () => {
  const last = await runAll("crashing", { crash: true });
  expect(last?.output?.executionResult?.externalExecutionSummary).toMatch(/checked\.ts:11:/);
});
