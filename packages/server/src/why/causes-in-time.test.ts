import { execFileSync } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ground, startGround } from "./testing/ground.ts";

/*
 * Causes that need time to pass. The clock is moved; a pipe in the file system holds a function until the test lets it go.
 */

const MINUTE_MS = 60_000;

const NODE = `
import { readFileSync } from "node:fs";
import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
const pipeline = new CodePipelineClient({ maxAttempts: 1 });
const succeed = (jobId, more = {}) => pipeline.send(new PutJobSuccessResultCommand({ jobId, ...more }));
const jobOf = (event) => event["CodePipeline.job"];
const waitFor = (pipe) => readFileSync(process.env.DIR + "/" + pipe);
`;

let ground: Ground;
beforeAll(async () => {
  ground = await startGround({ unreported: "wait" });
});
afterAll(() => ground.stop());

function pipe(name: string, { dir } = ground): void {
  execFileSync("mkfifo", [join(dir, name)]);
}

/** Resolves when the function reads the pipe, and lets it go on. */
async function letGo(name: string, { dir } = ground): Promise<void> {
  await (await open(join(dir, name), "w")).close();
}

/** Starts a function and resolves when it has been called. */
async function called(name: string, code: string): Promise<string> {
  const id = await ground.start({ name, code, timeoutSeconds: 60 });
  await ground.told((entry) => entry.executionId === id && entry.type === "invoked");
  return id;
}

const attemptEnded = (id: string) => ground.told((entry) => entry.executionId === id && entry.type === "attemptEnded");

test("a job that waits says until when, and fails then: returnedWithoutReporting", async () => {
  const id = await called("quiet", "export const handler = () => null;");
  await attemptEnded(id);
  const page = await ground.pageOf(id);
  expect(page.diagnosis).toMatchObject({ state: "waiting", cause: "returnedWithoutReporting" });
  expect(page.countdowns?.noReply.inMs).toBeGreaterThan(19 * MINUTE_MS);
  await ground.server.advanceClock(20 * MINUTE_MS);
  const after = await ground.pageOf(id);
  expect(after.diagnosis).toMatchObject({ state: "failed", cause: "returnedWithoutReporting" });
  expect(after.jobs).toMatchObject([{ status: "TimedOut" }]);
  expect(after.countdowns).toBeNull();
});

test("noReport: the 20 minutes were over, and the function is still at work", async () => {
  pipe("at-work");
  const id = await called("at-work", `${NODE}export const handler = async () => waitFor("at-work");`);
  await ground.server.advanceClock(21 * MINUTE_MS);
  const page = await ground.pageOf(id);
  expect(page.diagnosis).toMatchObject({ state: "failed", cause: "noReport" });
  expect(page.diagnosis.sentence).toContain("its function had not come to an end");
  expect(page.diagnosis.remedy).toContain("20 minutes for each report, 24 hours in all");
  await letGo("at-work");
  await attemptEnded(id);
});

test("reportedTooLate: the 20 minutes were over", async () => {
  pipe("late");
  const code = `${NODE}export const handler = async (event) => {
    waitFor("late");
    await succeed(jobOf(event).id).catch(() => {});
  };`;
  const id = await called("late", code);
  await ground.server.advanceClock(21 * MINUTE_MS);
  await letGo("late");
  await attemptEnded(id);
  const page = await ground.pageOf(id);
  expect(page.diagnosis).toMatchObject({ state: "failed", cause: "reportedTooLate" });
  expect(page.diagnosis.evidence[0]?.text).toContain("InvalidJobStateException");
  expect(page.diagnosis.remedy).toContain("continuationToken");
});

test("reportedTooLate: by somebody who is no function in hand", async () => {
  const id = await called("much-later", "export const handler = async () => null;");
  await attemptEnded(id);
  await ground.server.advanceClock(21 * MINUTE_MS);
  const { diagnosis } = await ground.pageOf(id);
  expect(diagnosis.cause).toBe("returnedWithoutReporting");
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new CodePipelineClient({ endpoint: ground.server.url, region: "us-east-1", credentials });
  const report = client.send(new PutJobSuccessResultCommand({ jobId: diagnosis.jobId }));
  await expect(report).rejects.toThrow("has already terminated");
  client.destroy();
  await ground.told((entry) => entry.jobId === diagnosis.jobId && entry.type === "apiCall");
  expect((await ground.pageOf(id)).diagnosis.cause).toBe("reportedTooLate");
});

test("expiredCredentials: 15 minutes, though the job lives on", async () => {
  pipe("expired");
  const code = `${NODE}import { S3Client, GetObjectCommand } from "@aws-sdk/client-s3";
  export const handler = async (event) => {
    const { artifactCredentials: credentials, outputArtifacts } = jobOf(event).data;
    const { bucketName: Bucket, objectKey: Key } = outputArtifacts[0].location.s3Location;
    waitFor("expired");
    await new S3Client({ credentials, maxAttempts: 1, forcePathStyle: true }).send(new GetObjectCommand({ Bucket, Key }));
  };`;
  const id = await ground.start({ name: "expired", code, timeoutSeconds: 60, outputs: ["Build"] });
  await ground.told((entry) => entry.executionId === id && entry.type === "invoked");
  await ground.server.advanceClock(16 * MINUTE_MS);
  await letGo("expired");
  await attemptEnded(id);
  const page = await ground.pageOf(id);
  expect(page.diagnosis).toMatchObject({ cause: "expiredCredentials" });
  expect(page.diagnosis.remedy).toContain("GetJobDetails");
  expect(page.diagnosis.evidence[0]?.text).toContain("s3 was refused: ExpiredToken");
  expect(page.diagnosis.findings.map(({ cause }) => cause)).toContain("functionRaised");
});

test("eventTooOld: no room came in time", async () => {
  pipe("busy");
  const code = `${NODE}export const handler = async (event) => { waitFor("busy"); await succeed(jobOf(event).id); };`;
  const first = await called("busy", code);
  const { server } = ground;
  await server.call("lambda", "PutFunctionConcurrency", { FunctionName: "busy", ReservedConcurrentExecutions: 1 });
  const settings = { FunctionName: "busy", MaximumEventAgeInSeconds: 60 };
  await server.call("lambda", "PutFunctionEventInvokeConfig", settings);
  // A pipeline of its own: in one and the same the second execution would wait before the stage.
  const second = await ground.start({
    name: "busy-too",
    code: "export const handler = () => {};",
    functionName: "busy",
  });
  await ground.told((entry) => entry.executionId === second && entry.type === "note" && entry.cause === "throttled");
  expect((await ground.pageOf(second)).diagnosis).toMatchObject({ state: "waiting", cause: "throttled" });
  await server.advanceClock(2 * MINUTE_MS);
  await ground.told((entry) => entry.executionId === second && entry.type === "note" && entry.cause === "eventTooOld");
  const { findings } = (await ground.pageOf(second)).diagnosis;
  expect(findings.map(({ cause }) => cause)).toEqual(["throttled", "eventTooOld"]); // the one is why the other
  await letGo("busy");
  await server.settled(first);
});

test("a chain of jobs: one timeline with its tokens, each report starting the wait anew", async () => {
  const code = `${NODE}export const handler = async (event) => {
    const { id, data } = jobOf(event);
    if (data.continuationToken === undefined) await succeed(id, { continuationToken: "step-2" });
  };`;
  const id = await called("chain", code);
  const isSecondEnd = (entry: { type: string; jobId?: string }) =>
    entry.type === "attemptEnded" && entry.jobId === second?.jobId;
  const second = await ground.told(
    (entry) => entry.executionId === id && entry.type === "jobCreated" && entry.number === 2,
  );
  await ground.told(isSecondEnd);
  const page = await ground.pageOf(id);
  expect(page.jobs).toMatchObject([
    { status: "Succeeded", continuationToken: null },
    { status: "Dispatched", continuationToken: "step-2" },
  ]);
  const types = page.timeline.map(({ type }) => type).filter((type) => type !== "logLine" && type !== "apiCall");
  expect(types.slice(0, 5)).toEqual(["actionStarted", "jobCreated", "invoked", "reported", "jobCreated"]);
  expect(page.diagnosis).toMatchObject({ state: "waiting", cause: "returnedWithoutReporting", jobId: second.jobId });
});

test("in the service's rhythm a function that raised says when it is called again, and in the end outOfRetries", async () => {
  const slow = await startGround({ timing: "aws" });
  try {
    const id = await slow.start({
      name: "again",
      code: "export const handler = async () => { throw new Error('no'); };",
    });
    const ended = (attempt: number) =>
      slow.told((entry) => entry.executionId === id && entry.type === "attemptEnded" && entry.attempt === attempt);
    for (const [attempt, delayMs] of [MINUTE_MS, 2 * MINUTE_MS].entries()) {
      await ended(attempt + 1);
      const page = await slow.pageOf(id);
      expect(page.diagnosis).toMatchObject({ state: "waiting", cause: "functionRaised" });
      expect(page.countdowns?.nextCall?.inMs).toBeGreaterThan(delayMs - 30_000);
      await slow.server.advanceClock(delayMs);
    }
    await ended(3);
    await slow.server.settled(id);
    const { diagnosis } = await slow.pageOf(id);
    expect(diagnosis.findings.map(({ cause }) => cause)).toEqual(["functionRaised", "outOfRetries"]);
    expect(diagnosis.findings[1]).toMatchObject({ isConsequence: true, sentence: expect.stringContaining("3 times") });
  } finally {
    await slow.stop();
  }
});
