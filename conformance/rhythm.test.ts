import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { lambdaAction, layGround, pipeline, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { JOBS, openJobBench } from "./job-bench.ts";
import { openMailbox } from "./mailbox.ts";
import { startPenstock } from "./server.ts";

/*
 * The service's rhythm, `timing: aws`: results are acted on at looks 30 seconds apart, and Lambda waits before it
 * tries again. The clock of the server is set forward, nobody waits.
 */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const NO = { type: "JobFailed", message: "no" } as const;

const bench = await openJobBench({ timing: "aws" });
afterAll(bench.server.stop);
const { server } = bench;

describe.each(bench.clients)("The rhythm by $name", ({ name: client, codePipeline, lambda }) => {
  const statusOf = async (executionId: string) => (await bench.history(executionId)).status;

  test("a success is taken at once and acted on 30 seconds after the job was dispatched", async () => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobSuccessResult({ jobId: job.id });
    expect(await statusOf(executionId)).toBe("InProgress");
    await expect(codePipeline.putJobFailureResult({ jobId: job.id, failureDetails: NO })).rejects.toMatchObject({
      message: `Job with id ${job.id} has already terminated`,
    });
    await server.advance(20 * SECOND_MS);
    expect(await statusOf(executionId)).toBe("InProgress");
    await server.advance(10 * SECOND_MS);
    expect(await bench.ended(executionId)).toBe("Succeeded");
    const { startTime, lastUpdateTime } = await bench.history(executionId);
    expect((lastUpdateTime?.getTime() ?? 0) - (startTime?.getTime() ?? 0)).toBeGreaterThanOrEqual(30 * SECOND_MS);
  });

  test("a failure is acted on at the look as well", async () => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobFailureResult({ jobId: job.id, failureDetails: NO });
    expect(await statusOf(executionId)).toBe("InProgress");
    await server.advance(30 * SECOND_MS);
    expect(await bench.ended(executionId)).toBe("Failed");
  });

  test("a result after the first look is acted on at the second", async () => {
    const { executionId, job } = await bench.startJob();
    await server.advance(40 * SECOND_MS);
    await codePipeline.putJobSuccessResult({ jobId: job.id });
    expect(await statusOf(executionId)).toBe("InProgress");
    await server.advance(20 * SECOND_MS);
    expect(await bench.ended(executionId)).toBe("Succeeded");
  });

  test("the job after a continuation comes at the look, 30 seconds after the job before it, with new credentials", async () => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobSuccessResult({ jobId: job.id, continuationToken: "more" });
    await server.advance(20 * SECOND_MS);
    expect(jobsOf(executionId)).toBe(1);
    await server.advance(10 * SECOND_MS);
    const next = await bench.nextJob();
    expect(jobsOf(executionId)).toBe(2);
    expect(next.data.continuationToken).toBe("more");
    const [first, second] = [job, next].map(({ data }) => data.artifactCredentials.expirationTime);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(30 * SECOND_MS);
    await codePipeline.putJobSuccessResult({ jobId: next.id });
    await server.advance(30 * SECOND_MS);
    expect(await bench.ended(executionId)).toBe("Succeeded");
  });

  test("an action whose function does not exist fails without waiting for a look", async () => {
    const name = nameOf(client, "missing");
    await codePipeline.createPipeline({ pipeline: pipeline(name, [lambdaAction("Call", "nobody")]) });
    const { pipelineExecutionSummaries } = await codePipeline.listPipelineExecutions({ pipelineName: name });
    await server.settled(pipelineExecutionSummaries?.[0]?.pipelineExecutionId);
    const { actionExecutionDetails } = await codePipeline.listActionExecutions({ pipelineName: name });
    expect(actionExecutionDetails?.[0]?.status).toBe("Failed");
  });

  test("a function that raises is called again after one minute and after two more, with the same event", async () => {
    const executionId = await start(nameOf(client, "raises"));
    const first = JSON.stringify(await bench.nextEvent());
    await attemptsEnded(executionId, 1);
    await server.advance(50 * SECOND_MS);
    expect(invokedTimes(executionId)).toBe(1);
    await server.advance(10 * SECOND_MS);
    expect(JSON.stringify(await bench.nextEvent())).toBe(first);
    await attemptsEnded(executionId, 2);
    await server.advance(110 * SECOND_MS);
    expect(invokedTimes(executionId)).toBe(2);
    await server.advance(10 * SECOND_MS);
    expect(JSON.stringify(await bench.nextEvent())).toBe(first);
    await attemptsEnded(executionId, 3);
    await server.advance(20 * MINUTE_MS);
    await server.settled(executionId);
    expect(invokedTimes(executionId)).toBe(3);
  });

  test("a function that raises after its report is called again too, and the same report again is fine", async () => {
    const executionId = await start(nameOf(client, "reports-and-raises"));
    const { id: jobId } = await bench.nextJob();
    await codePipeline.putJobSuccessResult({ jobId, outputVariables: { A: "1" } });
    await attemptsEnded(executionId, 1);
    await server.advance(MINUTE_MS);
    expect((await bench.nextJob()).id).toBe(jobId);
    await codePipeline.putJobSuccessResult({ jobId, outputVariables: { A: "1" } });
    await attemptsEnded(executionId, 2);
    await server.advance(2 * MINUTE_MS);
    expect((await bench.nextJob()).id).toBe(jobId);
    await attemptsEnded(executionId, 3);
    await server.settled(executionId);
  });

  test("how often a function that raises is called again is the function's own setting", async () => {
    await lambda.putFunctionEventInvokeConfig({ FunctionName: "pass-on", MaximumRetryAttempts: 0 });
    const executionId = await start(nameOf(client, "raises-once"));
    await bench.nextEvent();
    await attemptsEnded(executionId, 1);
    await server.advance(20 * MINUTE_MS);
    await server.settled(executionId);
    expect(invokedTimes(executionId)).toBe(1);
    await lambda.deleteFunctionEventInvokeConfig({ FunctionName: "pass-on" });
  });

  test.each([
    ["3 retries", { MaximumRetryAttempts: 3 }, "maximumRetryAttempts", "less than or equal to 2"],
    ["59 seconds", { MaximumEventAgeInSeconds: 59 }, "maximumEventAgeInSeconds", "greater than or equal to 60"],
    ["21,601 seconds", { MaximumEventAgeInSeconds: 21_601 }, "maximumEventAgeInSeconds", "less than or equal to 21600"],
  ])("no function can ask for %s", async (_, settings, member, rule) => {
    await expect(lambda.putFunctionEventInvokeConfig({ FunctionName: "pass-on", ...settings })).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`'${member}'.* Member must have value ${rule}$`)),
    });
  });

  /** A pipeline whose function raises; answers its first execution. */
  async function start(name: string): Promise<string> {
    const call = lambdaAction("Call", "pass-on", { configuration: { UserParameters: "raise: no" } });
    await codePipeline.createPipeline({ pipeline: pipeline(name, [call]) });
    const { pipelineExecutionSummaries } = await codePipeline.listPipelineExecutions({ pipelineName: name });
    return pipelineExecutionSummaries?.[0]?.pipelineExecutionId ?? "";
  }

  /** Resolves when so many attempts of an execution have ended, and what follows is on record. */
  async function attemptsEnded(executionId: string, count: number): Promise<void> {
    for (;;) {
      const changed = server.changed();
      if (told(executionId, "attemptEnded") === count) break;
      await changed;
    }
    await codePipeline.getPipeline({ name: JOBS });
  }
});

test("after a restart the next call has the same job and fresh credentials; a job that has its report has none", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "penstock-restart-"));
  const ends: (() => unknown)[] = [() => rmSync(dataDir, { recursive: true, force: true })];
  const options = { dataDir, timing: "aws", unreported: "wait" } as const;
  const first = await startPenstock(options);
  const client = javascript(first);
  await layGround(client, await zipOf({ "readme.txt": "hello\n" }));
  // The mailbox outlives the server that its function was created on.
  const mailbox = await openMailbox(client, { ...first, own: (end) => void ends.unshift(end) });
  const call = lambdaAction("Call", "pass-on", { configuration: { UserParameters: "raise: no" } });
  await client.codePipeline.createPipeline({ pipeline: pipeline("reports", [call]) });
  const reported = await mailbox.nextJob();
  await client.codePipeline.putJobSuccessResult({ jobId: reported.id });
  await client.codePipeline.createPipeline({ pipeline: pipeline("waits", [call]) });
  const before = await mailbox.nextJob();
  while (first.story.filter(({ type }) => type === "attemptEnded").length < 2) await first.changed();
  await client.codePipeline.getPipeline({ name: "waits" }); // by then what follows is on record
  await first.stop();

  const second = await startPenstock(options);
  await second.advance(MINUTE_MS);
  const after = await mailbox.nextJob();
  expect(after.id).toBe(before.id);
  expect(after.data.artifactCredentials.sessionToken).not.toBe(before.data.artifactCredentials.sessionToken);
  expect(after.data.outputArtifacts).toEqual(before.data.outputArtifacts);
  expect(second.story.filter(({ type }) => type === "invoked").map(({ jobId }) => jobId)).toEqual([before.id]);
  await second.stop();
  for (const end of ends) await end();
});

const told = (id: string, type: string) =>
  server.story.filter((entry) => entry.executionId === id && entry.type === type).length;
const jobsOf = (executionId: string) => told(executionId, "jobCreated");
const invokedTimes = (executionId: string) => told(executionId, "invoked");
const nameOf = (client: string, title: string) => `${client.replaceAll(" ", "-")}-${title}`;
