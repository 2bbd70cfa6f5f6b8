/** A whole Penstock, started by a test as users start it: the program of this workspace in a process of its own. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CodePipelineClient, ListPipelinesCommand } from "@aws-sdk/client-codepipeline";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { findPenstock } from "./penstock-process.ts";
import { type Penstock, startPenstock } from "./start-penstock.ts";

let project = "";
beforeAll(() => {
  // What is started is the built program. Does nothing when it is built from these sources.
  execFileSync(process.execPath, [fileURLToPath(new URL("../../../../tools/build.mjs", import.meta.url))]);
  project = mkdtempSync(join(tmpdir(), "penstock-started-"));
  for (const [name, code] of Object.entries(FUNCTIONS)) writeFileSync(join(project, `${name}.mjs`), code);
  writeFileSync(join(project, "pipeline.json"), JSON.stringify(pipeline("walk")));
  writeFileSync(join(project, "penstock.yaml"), SURROUNDINGS);
  mkdirSync(join(project, "source"));
  writeFileSync(join(project, "source", "name.txt"), "Ada");
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const REPORTING = `
import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
const client = new CodePipelineClient({});
const report = (jobId, result) => client.send(new PutJobSuccessResultCommand({ jobId, ...result }));
`;

const FUNCTIONS = {
  // Reports at its third call.
  walk: `${REPORTING}
export const handler = async ({ "CodePipeline.job": { id, data } }) => {
  const step = Number(data.continuationToken ?? 0) + 1;
  console.log("step", step);
  await report(id, step < 3 ? { continuationToken: String(step) } : { outputVariables: { Steps: String(step) } });
};`,
  silent: "export const handler = () => {};\n",
};

const SURROUNDINGS = `
inputs: { Source: source }
functions:
  walk: { code: ., handler: walk.handler }
  silent: { code: ., handler: silent.handler }
`;

function pipeline(functionName: string) {
  const actionTypeId = (category: string, provider: string) => ({ category, owner: "AWS", provider, version: "1" });
  const fetch = {
    name: "Fetch",
    actionTypeId: actionTypeId("Source", "S3"),
    configuration: { S3Bucket: "started-source", S3ObjectKey: "source.zip", PollForSourceChanges: "false" },
    outputArtifacts: [{ name: "Source" }],
  };
  const call = {
    name: "Call",
    actionTypeId: actionTypeId("Invoke", "Lambda"),
    configuration: { FunctionName: functionName },
    inputArtifacts: [{ name: "Source" }],
  };
  const stages = [
    { name: "Source", actions: [fetch] },
    { name: "Work", actions: [call] },
  ];
  const roleArn = "arn:aws:iam::123456789012:role/started-pipeline";
  return { name: functionName, roleArn, artifactStore: { type: "S3", location: "started-artifacts" }, stages };
}

describe("a Penstock that a test started", () => {
  let penstock: Penstock;
  beforeAll(async () => {
    penstock = await startPenstock({ project });
  });
  afterAll(() => penstock.stop());

  test("serves clients of the AWS SDK with its own configuration", async () => {
    const client = new CodePipelineClient(penstock.client);
    const { pipelines } = await client.send(new ListPipelinesCommand({}));
    expect(pipelines?.map(({ name }) => name)).toEqual(["walk"]);
    expect(penstock).toMatchObject({ account: "123456789012", region: "us-east-1" });
  });

  test("tells job by job, action by action, and the end, however often it is asked", async () => {
    const execution = await penstock.start("walk");
    expect(await execution.waitForAction("Work/Call", "InProgress")).toMatchObject({ stage: "Work", name: "Call" });
    const jobs = [await execution.nextJob(), await execution.nextJob("Call"), await execution.nextJob("Work/Call")];
    expect(jobs.map(({ number, continuationToken }) => [number, continuationToken])).toEqual([
      [1, undefined],
      [2, "1"],
      [3, "2"],
    ]);
    expect((await execution.waitForAction("Call", "Succeeded")).outputVariables).toEqual({ Steps: "3" });
    const settled = await execution.settled();
    expect(settled).toMatchObject({ id: execution.id, pipeline: "walk", status: "Succeeded" });
    expect(settled.action("Fetch").outputArtifacts).toMatchObject([{ name: "Source", bucket: "started-artifacts" }]);
    expect(settled.actions.map(({ name, status }) => [name, status])).toEqual([
      ["Fetch", "Succeeded"],
      ["Call", "Succeeded"],
    ]);
    expect(await penstock.execution(execution.id).settled()).toMatchObject({ status: "Succeeded" });
    expect(() => settled.action("Cal")).toThrow("No action Cal was started, only Source/Fetch, Work/Call.");
  });

  test("what cannot come any more fails the wait, and says why", async () => {
    const execution = await penstock.start("walk");
    await expect(execution.waitForAction("Call", "Failed")).rejects.toThrow(/is over, and did not see Call Failed/);
    await execution.nextJob();
    await execution.nextJob();
    await execution.nextJob();
    await expect(execution.nextJob("Call")).rejects.toThrow(/is over, and did not have another job of Call/);
    await expect(penstock.execution("none").settled()).rejects.toThrow("Penstock knows no execution none.");
  });

  test("a pipeline that is not there is the service's own error", async () => {
    await expect(penstock.start("none")).rejects.toMatchObject({ name: "PipelineNotFoundException" });
  });
});

test("a function that reports nothing fails its action at once, and why says so", async () => {
  await using penstock = await startPenstock({ project: await silentProject() });
  const settled = await (await penstock.start("silent")).settled();
  expect(settled.status).toBe("Failed");
  expect(settled.action("Call")).toMatchObject({
    error: { code: "JobFailed" },
    diagnosis: { cause: "returnedWithoutReporting" },
  });
  const [, diagnosis] = await penstock.why(settled.id);
  expect(diagnosis).toEqual(settled.action("Call").diagnosis);
  expect(await penstock.why(diagnosis?.jobId ?? "")).toMatchObject([{ cause: "returnedWithoutReporting" }]);
});

test("given the service's time it waits, says so when a wait takes too long, and fails when the clock is set forward", async () => {
  await using penstock = await startPenstock({ project: await silentProject(), unreported: "wait" });
  const execution = await penstock.start("silent");
  await execution.waitForAction("Call", "InProgress");
  const waited = await execution.settled({ timeoutMs: 1 }).catch((error: Error) => error);
  expect(waited).toMatchObject({ message: expect.stringMatching(/did not settle within 1 ms\.\n {2}Work\/Call is /) });
  const before = await penstock.clock.now();
  await penstock.clock.advance("20m");
  expect(await penstock.clock.now()).toBeGreaterThanOrEqual(before + 1_200_000);
  expect((await execution.settled()).action("Call").error?.message).toContain("failed to return a result");
  await expect(penstock.clock.advance("0m")).rejects.toThrow("from 1 to");
});

/** The same folder with a pipeline of the silent function. */
async function silentProject(): Promise<string> {
  const file = join(project, "silent.json");
  writeFileSync(file, JSON.stringify(pipeline("silent")));
  return file;
}

test("a source can be another than the project's", async () => {
  await using penstock = await startPenstock({ project, inputs: { Source: join(project, "source") } });
  expect((await (await penstock.start("walk")).settled()).status).toBe("Succeeded");
  await expect(startPenstock({ project, inputs: { Source: join(project, "nothing") } })).rejects.toThrow(
    /Penstock ended before it was ready\. It printed:[\s\S]*nothing/,
  );
});

test("settings of the surroundings are those of another server, and of the test's own Node", async () => {
  vi.stubEnv("PENSTOCK_ROOT_ACCESS_KEY_ID", "mine");
  vi.stubEnv("PENSTOCK_ROOT_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("PENSTOCK_TIMING", "aws");
  vi.stubEnv("NODE_OPTIONS", "--no-such-option");
  onTestFinished(() => void vi.unstubAllEnvs());
  await using penstock = await startPenstock({ project });
  await penstock.clock.advance("1s");
  const { pipelines } = await new CodePipelineClient(penstock.client).send(new ListPipelinesCommand({}));
  expect(pipelines).toHaveLength(1);
});

test("a project that is wrong fails the start, with the place and what would be right", async () => {
  const file = join(project, "wrong.json");
  writeFileSync(file, JSON.stringify({ ...pipeline("walk"), stages: [] }));
  await expect(startPenstock({ project: file })).rejects.toThrow(/wrong\.json/);
});

test("a project without penstock is told what to install", () => {
  expect(() => findPenstock([tmpdir()])).toThrow("Install it: npm install --save-dev penstock");
});

test("a test process that is killed leaves neither server nor data behind", async () => {
  const script = join(project, "killed.mts");
  const source = new URL("./start-penstock.ts", import.meta.url).href;
  writeFileSync(
    script,
    `import { startPenstock } from ${JSON.stringify(source)};
const penstock = await startPenstock({ project: ${JSON.stringify(project)} });
console.log(penstock.endpoint, /data in ([^)]+)/.exec(penstock.output())?.[1]);
setInterval(() => {}, 1000);\n`,
  );
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
  const [endpoint = "", data = ""] = line.trim().split(" ");
  expect(existsSync(data)).toBe(true);
  const connection = connect(Number(new URL(endpoint).port), "127.0.0.1");
  await once(connection, "connect");
  child.kill("SIGKILL");
  await once(connection.resume(), "close");
  await vanished(data);
});

/** Resolves when the folder is gone; the test's own timeout is the limit. */
async function vanished(folder: string): Promise<void> {
  while (existsSync(folder)) await new Promise((next) => setImmediate(next));
}

test("a Penstock that nobody stops does not keep its test process, and goes with it", async () => {
  const script = join(project, "forgotten.mts");
  const source = new URL("./start-penstock.ts", import.meta.url).href;
  writeFileSync(
    script,
    `import { startPenstock } from ${JSON.stringify(source)};
const penstock = await startPenstock();
console.log(/data in ([^)]+)/.exec(penstock.output())?.[1]);\n`,
  );
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
  const [status] = await once(child, "exit");
  expect(status).toBe(0);
  await vanished(line.trim());
});
