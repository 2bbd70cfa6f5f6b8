import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awsCli } from "./aws-cli.ts";
import { boto3 } from "./boto3.ts";
import type { Client } from "./client.ts";
import { createFunction, lambdaAction, layGround, pipeline, REPORTING_POLICY, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { type Penstock, startPenstock, WORKSPACE } from "./server.ts";

/*
 * One story, played by each official client on a server of its own: from an empty account to the history of a
 * pipeline whose action is the reference function, byte for byte. What the clients read is the same.
 */

const REFERENCE = readFileSync(join(WORKSPACE, "examples/invoke-lambda/lambda_function.py"));
const DECLARATION = pipeline("reference", [
  lambdaAction("Call", "reference-function", { inputArtifacts: [{ name: "SourceZip" }] }),
]);

/** What a client read after the pipeline had run, with its executions' ids by name. */
interface Told {
  readonly created: object;
  readonly watched: readonly string[];
  readonly read: object;
  readonly secondId: string;
}

const PLAYERS = { "AWS CLI": awsCli, boto3, "AWS SDK for JavaScript v3": javascript };
const servers: Penstock[] = [];
const told = new Map<string, Told>();

beforeAll(async () => {
  const plays = Object.entries(PLAYERS).map(async ([name, make]) => {
    const server = await startPenstock();
    servers.push(server);
    told.set(name, await play(make(server), server));
  });
  await Promise.all(plays);
});
afterAll(async () => {
  for (const server of servers) await server.stop();
});

describe.each(Object.keys(PLAYERS))("%s", (name) => {
  test("creates the pipeline, which starts at once, and starts it once more", () => {
    expect(tellOf(name).secondId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test("watches it until it has succeeded", () => {
    expect(tellOf(name).watched.at(-1)).toBe("Succeeded Succeeded Succeeded");
    expect(new Set(tellOf(name).watched.slice(0, -1))).not.toContain("Succeeded Succeeded Succeeded");
  });
});

test("all clients are answered the same by what creates", () => {
  expect(normalised(tellOf("boto3").created)).toEqual(normalised(tellOf("AWS CLI").created));
  expect(normalised(tellOf("AWS SDK for JavaScript v3").created)).toEqual(normalised(tellOf("AWS CLI").created));
});

test("all clients read the same", () => {
  expect(normalised(tellOf("boto3").read)).toEqual(normalised(tellOf("AWS CLI").read));
  expect(normalised(tellOf("AWS SDK for JavaScript v3").read)).toEqual(normalised(tellOf("AWS CLI").read));
});

test("what they read is the pipeline's story: two executions, of two actions each, that succeeded", () => {
  expect(tellOf("boto3").read).toMatchObject({
    pipeline: { pipeline: { name: "reference", version: 1 } },
    pipelines: { pipelines: [{ name: "reference", version: 1 }] },
    executions: { pipelineExecutionSummaries: [{ status: "Succeeded" }, { status: "Succeeded" }] },
    actions: {
      actionExecutionDetails: [
        {
          actionName: "Call",
          status: "Succeeded",
          output: { executionResult: { externalExecutionId: "reference-function" } },
        },
        { actionName: "Fetch", status: "Succeeded", output: { outputArtifacts: [{ name: "SourceZip" }] } },
      ],
    },
  });
});

test("the function's TypeError and Lambda's two retries are in the story, and its first result has counted", () => {
  const ended = servers[0]?.story.filter((entry) => entry.type === "attemptEnded") ?? [];
  expect(ended).toHaveLength(6); // two executions, three attempts each
  expect(new Set(ended.map(({ outcome }) => outcome))).toEqual(new Set(["raised"]));
  expect(new Set(ended.map(({ error }) => error?.errorType))).toEqual(new Set(["TypeError"]));
  const results = servers[0]?.story.filter((entry) => entry.type === "reported") ?? [];
  expect(results.map(({ result }) => result)).toEqual(["success", "success"]);
});

function tellOf(name: string): Told {
  const found = told.get(name);
  if (!found) throw new Error(`${name} has not played.`);
  return found;
}

async function play(client: Client, server: Penstock): Promise<Told> {
  const { codePipeline } = client;
  await layGround(client, await zipOf({ "readme.txt": "hello\n" }));
  const code = await zipOf({ "lambda_function.py": REFERENCE });
  await createFunction(client, {
    name: "reference-function",
    runtime: "python3.12",
    handler: "lambda_function.lambda_handler",
    code,
    policy: REPORTING_POLICY,
  });
  const created = await codePipeline.createPipeline({ pipeline: DECLARATION });
  const first = (await codePipeline.listPipelineExecutions({ pipelineName: "reference" })).pipelineExecutionSummaries;
  await server.settled(first?.[0]?.pipelineExecutionId);
  const { pipelineExecutionId: secondId = "" } = await codePipeline.startPipelineExecution({ name: "reference" });
  const watched = await watch(client, server, secondId);
  await server.settled(secondId);
  return { created, watched, secondId, read: await read(client, secondId) };
}

/** Looks until the execution has ended; between two looks, waits until something has happened. */
async function watch({ codePipeline }: Client, server: Penstock, pipelineExecutionId: string): Promise<string[]> {
  const seen: string[] = [];
  for (;;) {
    const changed = server.changed();
    const { pipelineExecution } = await codePipeline.getPipelineExecution({
      pipelineName: "reference",
      pipelineExecutionId,
    });
    const { stageStates = [] } = await codePipeline.getPipelineState({ name: "reference" });
    const stages = stageStates.map(({ latestExecution }) =>
      latestExecution?.pipelineExecutionId === pipelineExecutionId ? latestExecution.status : "-",
    );
    seen.push([pipelineExecution?.status, ...stages].join(" "));
    if (pipelineExecution?.status !== "InProgress") return seen;
    await changed;
  }
}

async function read({ codePipeline }: Client, pipelineExecutionId: string): Promise<object> {
  const pipelineName = "reference";
  return {
    pipeline: await codePipeline.getPipeline({ name: pipelineName }),
    pipelines: await codePipeline.listPipelines({}),
    state: await codePipeline.getPipelineState({ name: pipelineName }),
    execution: await codePipeline.getPipelineExecution({ pipelineName, pipelineExecutionId }),
    executions: await codePipeline.listPipelineExecutions({ pipelineName }),
    actions: await codePipeline.listActionExecutions({ pipelineName, filter: { pipelineExecutionId } }),
  };
}

/** Leaves out what the clients add, and names what no two runs have in common: ids, times, keys, versions. */
function normalised(value: unknown, member = ""): unknown {
  if (value instanceof Date || (typeof value === "number" && TIMES.test(member))) return "<time>";
  if (typeof value === "string")
    return value.replaceAll(UUID, "<id>").replaceAll(VERSION, "<version>").replaceAll(KEY, "<key>");
  if (Array.isArray(value)) return value.map((item) => normalised(item, member));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([name, held]) => held !== undefined && !ADDED.has(name));
  return Object.fromEntries(members.map(([name, held]) => [name, normalised(held, name)]));
}

const ADDED: ReadonlySet<string> = new Set(["$metadata", "ResponseMetadata"]);
const TIMES = /^(created|updated|startTime|lastUpdateTime|lastStatusChange)$/;
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const KEY = /(?<=^reference\/SourceZip\/)\w{7}(?=\.zip$)/g;
const VERSION = /(?<=^|version id: )[\w.-]{32}$/g;
