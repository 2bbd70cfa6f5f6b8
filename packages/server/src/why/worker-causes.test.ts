import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ground, get, startGround } from "./testing/ground.ts";

/*
 * What is said of an action whose jobs workers poll for, while it waits and when it has come to nothing.
 */

const HOUR_MS = 3_600_000;
const ROOT = "arn:aws:iam::000000000000:root";

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.stop());

interface HandedOut {
  readonly id: string;
  readonly nonce: string;
}

const call = (operation: string, input: object) => ground.server.call("codepipeline", operation, input);

/** A pipeline whose action of the type waits for a worker. */
async function start(provider: string) {
  const id = { category: "Build", provider, version: "1" };
  const counts = { minimumCount: 0, maximumCount: 1 };
  await call("CreateCustomActionType", { ...id, inputArtifactDetails: counts, outputArtifactDetails: counts });
  const actionTypeId = { ...id, owner: "Custom" };
  await ground.server.deployPipeline({
    name: provider,
    roleArn: "arn:aws:iam::000000000000:role/pipeline",
    artifactStore: { type: "S3", location: "artifacts" },
    stages: [
      {
        name: "Source",
        actions: [
          {
            name: "Fetch",
            actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
            configuration: { S3Bucket: "artifacts", S3ObjectKey: "source.zip", PollForSourceChanges: "false" },
            outputArtifacts: [{ name: "SourceZip" }],
          },
        ],
      },
      { name: "Work", actions: [{ name: "Work", actionTypeId, inputArtifacts: [{ name: "SourceZip" }] }] },
    ],
  });
  const started = await call("StartPipelineExecution", { name: provider });
  const { pipelineExecutionId } = started as { pipelineExecutionId: string }; // by the model
  const created = await ground.told((entry) => entry.type === "jobCreated" && entry.pipeline === provider);
  return { actionTypeId, executionId: pipelineExecutionId, jobId: created.jobId ?? "" };
}

async function handOut(actionTypeId: object): Promise<HandedOut> {
  const { jobs } = (await call("PollForJobs", { actionTypeId })) as { jobs: HandedOut[] }; // by the model
  const [job] = jobs;
  if (!job) throw new Error("There is no job.");
  return job;
}

const diagnosisOf = async (jobId: string) => (await get(ground.server, `jobs/${jobId}`)).diagnosis;

test("noWorker: nobody has polled, with the command that would", async () => {
  const { jobId } = await start("idle");
  expect(await diagnosisOf(jobId)).toMatchObject({
    state: "waiting",
    cause: "noWorker",
    sentence: "No worker has asked for the job: nobody has called PollForJobs for Custom/Build/idle/1 since it waits.",
    remedy: expect.stringContaining(
      "aws codepipeline poll-for-jobs --action-type-id category=Build,owner=Custom,provider=idle,version=1",
    ),
  });
  await ground.server.advanceClock(24 * HOUR_MS);
  expect(await diagnosisOf(jobId)).toMatchObject({ state: "failed", cause: "noWorker" });
});

test("notAcknowledged: a worker has polled and says nothing", async () => {
  const { actionTypeId, jobId } = await start("mute");
  await handOut(actionTypeId);
  expect(await diagnosisOf(jobId)).toMatchObject({
    state: "waiting",
    cause: "notAcknowledged",
    sentence: `The worker ${ROOT} was handed the job and has not acknowledged it.`,
  });
  await ground.server.advanceClock(24 * HOUR_MS);
  expect(await diagnosisOf(jobId)).toMatchObject({ state: "failed", cause: "notAcknowledged" });
});

test("a worker that works is no cause, and without a result in time it is: noReport", async () => {
  const { actionTypeId, jobId } = await start("slow");
  await call("AcknowledgeJob", { jobId, nonce: (await handOut(actionTypeId)).nonce });
  await ground.server.advanceClock(HOUR_MS);
  const working = await diagnosisOf(jobId);
  expect(working).toMatchObject({ state: "running", findings: [] });
  expect(working.sentence).toBe(
    `The worker ${ROOT} has worked on the job for 1 h 0 min; without a result the action fails in 23 h 0 min.`,
  );
  await ground.server.advanceClock(23 * HOUR_MS);
  expect(await diagnosisOf(jobId)).toMatchObject({
    state: "failed",
    cause: "noReport",
    sentence: `The worker ${ROOT} took the job and put no result in time.`,
  });
});

test("reportedFailure: the worker itself said so", async () => {
  const { actionTypeId, executionId, jobId } = await start("broken");
  await call("AcknowledgeJob", { jobId, nonce: (await handOut(actionTypeId)).nonce });
  await call("PutJobFailureResult", { jobId, failureDetails: { type: "JobFailed", message: "2 tests failed" } });
  await ground.server.settled(executionId);
  expect(await diagnosisOf(jobId)).toMatchObject({
    state: "failed",
    cause: "reportedFailure",
    sentence: "The worker reported that it failed: JobFailed: 2 tests failed.",
  });
});

test("a worker's job is not captured, because there is no function to run again", async () => {
  const { jobId } = await start("uncaptured");
  const page = await get(ground.server, `jobs/${jobId}/capture`);
  expect(page.status).toBe(400);
  expect(page.error).toMatch(/only jobs of Lambda actions can be captured/);
});

test("a success has no cause", async () => {
  const { actionTypeId, executionId, jobId } = await start("fine");
  await handOut(actionTypeId);
  await call("PutJobSuccessResult", { jobId });
  await ground.server.settled(executionId);
  expect(await diagnosisOf(jobId)).toMatchObject({ state: "succeeded", findings: [] });
});
