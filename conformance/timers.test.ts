import { afterAll, describe, expect, test } from "vitest";
import type { Caller } from "./client.ts";
import { javascript } from "./javascript.ts";
import { openJobBench } from "./job-bench.ts";
import type { ReceivedJob } from "./mailbox.ts";

/*
 * What time does to a job: the clock of the server is set forward, nobody waits.
 */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const NO = { type: "JobFailed", message: "no" } as const;
const TIMED_OUT =
  "The AWS Lambda function pass-on failed to return a result. Check the function to verify that it has permission to call the PutJobSuccessResult action and that it made a call to PutJobSuccessResult.";

const bench = await openJobBench();
afterAll(bench.server.stop);

describe.each(bench.clients)("Time limits by $name", ({ codePipeline }) => {
  const statusOf = async (executionId: string) => (await bench.history(executionId)).status;

  test("20 minutes without an answer fail the action, with the service's text", async () => {
    const { executionId } = await bench.startJob();
    await bench.server.advance(19 * MINUTE_MS);
    expect(await statusOf(executionId)).toBe("InProgress");
    await bench.server.advance(MINUTE_MS);
    expect(await bench.ended(executionId)).toBe("Failed");
    const { status, output } = await bench.history(executionId);
    expect(status).toBe("Failed");
    expect(output).toMatchObject({ executionResult: { externalExecutionSummary: TIMED_OUT } });
  });

  test("the error code of a timeout is JobFailed, and its output is empty", async () => {
    const { executionId } = await bench.startJob();
    await bench.server.advance(20 * MINUTE_MS);
    await bench.ended(executionId);
    const { output } = await bench.history(executionId);
    expect(output?.executionResult?.errorDetails).toEqual({ code: "JobFailed" });
    expect(output).toMatchObject({ outputArtifacts: [], outputVariables: {} });
  });

  test("an answer with a token starts the 20 minutes anew", async () => {
    const { executionId, job } = await bench.startJob();
    await bench.server.advance(19 * MINUTE_MS);
    await codePipeline.putJobSuccessResult({ jobId: job.id, continuationToken: "more" });
    await bench.nextJob();
    await bench.server.advance(19 * MINUTE_MS);
    expect(await statusOf(executionId)).toBe("InProgress");
    await bench.server.advance(MINUTE_MS);
    expect(await bench.ended(executionId)).toBe("Failed");
  });

  test("after 24 hours the action fails, however often it has answered", async () => {
    const { executionId, job } = await bench.startJob();
    let jobId = job.id;
    for (let minutes = 0; minutes < 23 * 60 + 45; minutes += 19) {
      await bench.server.advance(19 * MINUTE_MS);
      await codePipeline.putJobSuccessResult({ jobId, continuationToken: `${minutes}` });
      jobId = (await bench.nextJob()).id;
    }
    expect(await statusOf(executionId)).toBe("InProgress"); // 23 hours and 45 minutes
    await bench.server.advance(15 * MINUTE_MS);
    expect(await bench.ended(executionId)).toBe("Failed");
  });

  test("a success after a timeout comes to a job that has already terminated", async () => {
    const { executionId, job } = await bench.startJob();
    await bench.server.advance(20 * MINUTE_MS);
    await bench.ended(executionId);
    await expect(codePipeline.putJobSuccessResult({ jobId: job.id })).rejects.toMatchObject({
      name: "InvalidJobStateException",
      message: `Job with id ${job.id} has already terminated`,
    });
    expect(await statusOf(executionId)).toBe("Failed");
  });

  test("a failure after a timeout comes to a job that has already terminated", async () => {
    const { executionId, job } = await bench.startJob();
    await bench.server.advance(20 * MINUTE_MS);
    await bench.ended(executionId);
    await expect(codePipeline.putJobFailureResult({ jobId: job.id, failureDetails: NO })).rejects.toMatchObject({
      name: "InvalidJobStateException",
      message: `Job with id ${job.id} has already terminated`,
    });
    expect((await bench.history(executionId)).output?.executionResult?.externalExecutionSummary).toBe(TIMED_OUT);
  });

  test("the artifact credentials expire after 900 seconds, and GetJobDetails has new ones", async () => {
    const { job } = await bench.startJob();
    await bench.server.advance(15 * MINUTE_MS);
    const { jobDetails } = await codePipeline.getJobDetails({ jobId: job.id });
    const fresh = jobDetails?.data?.artifactCredentials;
    expect(fresh?.sessionToken).not.toBe(job.data.artifactCredentials.sessionToken);
    await expect(read(job, job.data.artifactCredentials)).rejects.toMatchObject({ name: "ExpiredToken" });
    const { accessKeyId = "", secretAccessKey = "", sessionToken = "" } = fresh ?? {};
    expect((await read(job, { accessKeyId, secretAccessKey, sessionToken })).ContentLength).toBeGreaterThan(0);
  });
});

/** Reads a job's input artifact with some credentials. */
async function read({ data }: ReceivedJob, credentials: NonNullable<Caller["credentials"]>) {
  const { bucketName, objectKey } = data.inputArtifacts[0]?.location.s3Location ?? {};
  return await javascript(bench.server, { credentials }).s3.getObject({ Bucket: bucketName, Key: objectKey });
}
