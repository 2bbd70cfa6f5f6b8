import type { ActionTypeId, Artifact } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { sourceAction, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { openWorkerBench } from "./worker-bench.ts";

/*
 * A custom action of a pipeline, from its worker's word to what everybody sees of it.
 */

const bench = await openWorkerBench();
afterAll(bench.server.stop);

const NO = { type: "JobFailed", message: "no" } as const;
const HOUR_MS = 3_600_000;
const project = { name: "Project", required: true, key: true, secret: false };
const password = { name: "Password", required: true, key: false, secret: true };
const settings = {
  entityUrlTemplate: "https://builds.example/{Config:Project}/",
  executionUrlTemplate: "https://builds.example/{Config:Project}/{ExternalExecutionId}",
  revisionUrlTemplate: "https://builds.example/{Config:Project}/edit",
};

describe.each(bench.clients)("A custom action by $name", (client) => {
  const { codePipeline } = client;

  /** The next job of a type, taken by this worker. */
  async function take(actionTypeId: ActionTypeId) {
    const job = await bench.poll(client, { actionTypeId });
    const jobId = job.id ?? "";
    await codePipeline.acknowledgeJob({ jobId, nonce: job.nonce });
    return { job, jobId };
  }
  async function taken(more: Parameters<typeof bench.start>[1] = {}) {
    const actionTypeId = await bench.customType();
    const started = await bench.start(actionTypeId, more);
    return { actionTypeId, started, ...(await take(actionTypeId)) };
  }

  test("a success of its worker ends it, with its variables and its reserved places", async () => {
    const { started, job, jobId } = await taken();
    await codePipeline.putJobSuccessResult({ jobId, outputVariables: { Rows: "42" } });
    expect(await bench.ended(started)).toBe("Succeeded");
    const { status, output } = await bench.history(started);
    const { bucketName: bucket, objectKey: key } = job.data?.outputArtifacts?.[0]?.location?.s3Location ?? {};
    expect({ status, output }).toEqual({
      status: "Succeeded",
      output: { outputArtifacts: [{ name: "Built", s3location: { bucket, key } }], outputVariables: { Rows: "42" } },
    });
  });

  test("a failure of its worker fails it, with type, message and external id", async () => {
    const { started, jobId } = await taken();
    const failureDetails = { type: "RevisionUnavailable", message: "gone", externalExecutionId: "build-7" } as const;
    await codePipeline.putJobFailureResult({ jobId, failureDetails });
    expect(await bench.ended(started)).toBe("Failed");
    expect((await bench.history(started)).output?.executionResult).toEqual({
      externalExecutionId: "build-7",
      externalExecutionSummary: "gone",
      errorDetails: { code: "RevisionUnavailable" },
    });
    expect((await bench.state(started)).latestExecution).toMatchObject({
      status: "Failed",
      errorDetails: { code: "RevisionUnavailable", message: "gone" },
    });
  });

  test("the job's credentials read the input and write the output, and nothing else", async () => {
    const { started, job, jobId } = await taken();
    const { inputArtifacts = [], outputArtifacts = [], artifactCredentials } = job.data ?? {};
    const { accessKeyId = "", secretAccessKey = "", sessionToken = "" } = artifactCredentials ?? {};
    const { s3 } = javascript(bench.server, { credentials: { accessKeyId, secretAccessKey, sessionToken } });
    const input = placeOf(inputArtifacts[0]);
    expect((await s3.getObject(input)).ContentLength).toBeGreaterThan(0);
    await s3.putObject({ ...placeOf(outputArtifacts[0]), Body: await zipOf({ "built.txt": "built" }) });
    await expect(s3.getObject({ ...input, Key: "source.zip" })).rejects.toMatchObject({ name: "AccessDenied" });
    await codePipeline.putJobSuccessResult({ jobId });
    expect(await bench.ended(started)).toBe("Succeeded");
  });

  test("a later action gets its artifact and its variables", async () => {
    const actionTypeId = await bench.customType({ configurationProperties: [{ ...project, required: false }] });
    const use = {
      name: "Use",
      actionTypeId,
      inputArtifacts: [{ name: "Built" }],
      configuration: { Project: "#{work.Rows}" },
    };
    const work = {
      name: "Work",
      actionTypeId,
      inputArtifacts: [{ name: "SourceZip" }],
      outputArtifacts: [{ name: "Built" }],
      namespace: "work",
    };
    const started = await bench.start(
      actionTypeId,
      {},
      {
        stages: [
          { name: "Source", actions: [sourceAction()] },
          { name: "Work", actions: [work] },
          { name: "Use", actions: [use] },
        ],
      },
    );
    const first = await take(actionTypeId);
    await codePipeline.putJobSuccessResult({ jobId: first.jobId, outputVariables: { Rows: "42" } });
    const second = await take(actionTypeId);
    expect(second.job.data?.actionConfiguration).toEqual({ configuration: { Project: "42" } });
    expect(placeOf(second.job.data?.inputArtifacts?.[0])).toEqual(placeOf(first.job.data?.outputArtifacts?.[0]));
    await codePipeline.putJobSuccessResult({ jobId: second.jobId });
    expect(await bench.ended(started)).toBe("Succeeded");
  });

  test("GetJobDetails names pipeline and execution, which are left out for a Lambda action, and gives no nonce", async () => {
    const { started, job, jobId } = await taken();
    const { jobDetails } = await codePipeline.getJobDetails({ jobId });
    expect(jobDetails?.data?.pipelineContext).toEqual(job.data?.pipelineContext);
    expect(jobDetails?.data?.pipelineContext).toMatchObject({
      pipelineArn: `arn:aws:codepipeline:us-east-1:${bench.server.account}:${started.name}`,
      pipelineExecutionId: started.executionId,
    });
    expect(jobDetails).not.toHaveProperty("nonce");
    expect(jobDetails?.data?.artifactCredentials?.sessionToken).not.toBe(job.data?.artifactCredentials?.sessionToken);
  });

  test("a success with a token makes a new job of the same action, which waits for a poll", async () => {
    const { actionTypeId, started, job, jobId } = await taken();
    await codePipeline.putJobSuccessResult({ jobId, continuationToken: "page 2" });
    const next = await take(actionTypeId);
    expect(next.jobId).not.toBe(jobId);
    expect(job.data).not.toHaveProperty("continuationToken");
    expect(next.job.data).toMatchObject({
      continuationToken: "page 2",
      pipelineContext: job.data?.pipelineContext,
      inputArtifacts: job.data?.inputArtifacts,
      outputArtifacts: job.data?.outputArtifacts,
    });
    expect((await bench.history(started)).status).toBe("InProgress");
    await codePipeline.putJobSuccessResult({ jobId: next.jobId });
    expect(await bench.ended(started)).toBe("Succeeded");
  });

  test("what its worker says of its progress is shown while it goes on, and what it said last when it is over", async () => {
    const actionTypeId = await bench.customType({ settings, configurationProperties: [project] });
    const started = await bench.start(actionTypeId, { configuration: { Project: "shop" } });
    const first = await take(actionTypeId);
    await codePipeline.putJobSuccessResult({
      jobId: first.jobId,
      continuationToken: "more",
      executionDetails: { externalExecutionId: "build 7", summary: "half way", percentComplete: 50 },
    });
    const link = { externalExecutionId: "build 7", externalExecutionUrl: "https://builds.example/shop/build%207" };
    expect(await bench.state(started)).toMatchObject({
      entityUrl: "https://builds.example/shop/",
      revisionUrl: "https://builds.example/shop/edit",
      latestExecution: { status: "InProgress", ...link, summary: "half way", percentComplete: 50 },
    });
    expect((await bench.history(started)).output?.executionResult).toEqual({
      ...link,
      externalExecutionSummary: "half way",
    });
    const { jobId } = await take(actionTypeId);
    const executionDetails = { summary: "built", percentComplete: 100 };
    await codePipeline.putJobSuccessResult({ jobId, executionDetails });
    expect(await bench.ended(started)).toBe("Succeeded");
    expect((await bench.state(started)).latestExecution).toMatchObject({ ...link, ...executionDetails });
    expect((await bench.history(started)).output?.executionResult).toEqual({
      ...link,
      externalExecutionSummary: "built",
    });
  });

  test("an action that never ran has its type's link, and without an external id there is none to an execution", async () => {
    const actionTypeId = await bench.customType({ settings, configurationProperties: [project] });
    const source = {
      ...sourceAction(),
      configuration: { ...sourceAction().configuration, S3ObjectKey: "nothing.zip" },
    };
    const work = { name: "Work", actionTypeId, configuration: { Project: "shop" } };
    const stages = [
      { name: "Source", actions: [source] },
      { name: "Work", actions: [work] },
    ];
    const never = await bench.start(actionTypeId, {}, { stages });
    expect(await bench.ended(never)).toBe("Failed");
    expect(await bench.state(never)).toEqual({
      actionName: "Work",
      entityUrl: "https://builds.example/shop/",
      revisionUrl: "https://builds.example/shop/edit",
    });
    const started = await bench.start(actionTypeId, { configuration: { Project: "shop" } });
    await take(actionTypeId);
    expect((await bench.state(started)).latestExecution).not.toHaveProperty("externalExecutionUrl");
  });

  test("the revision that its worker names is shown as the action's", async () => {
    const { started, jobId } = await taken();
    const created = new Date("2026-01-02T03:04:05.000Z");
    const currentRevision = { revision: "abc", changeIdentifier: "change 1", created, revisionSummary: "fixes" };
    await codePipeline.putJobSuccessResult({ jobId, currentRevision });
    await bench.ended(started);
    expect((await bench.state(started)).currentRevision).toEqual({
      revisionId: "abc",
      revisionChangeId: "change 1",
      created,
    });
  });

  test("the revision that the worker of a custom source names is the execution's, and its artifact's", async () => {
    const actionTypeId = await bench.customType({ category: "Source" });
    const find = { name: "Find", actionTypeId, outputArtifacts: [{ name: "Found" }] };
    const build = await bench.customType();
    const work = { name: "Work", actionTypeId: build, inputArtifacts: [{ name: "Found" }] };
    const stages = [
      { name: "Source", actions: [find] },
      { name: "Work", actions: [work] },
    ];
    const started = await bench.start(actionTypeId, {}, { stages });
    const { jobId } = await take(actionTypeId);
    const currentRevision = { revision: "abc", changeIdentifier: "change 1", revisionSummary: "fixes" };
    await codePipeline.putJobSuccessResult({ jobId, currentRevision });
    const next = await take(build);
    expect(next.job.data?.inputArtifacts?.[0]).toMatchObject({ name: "Found", revision: "abc" });
    const { pipelineExecution } = await codePipeline.getPipelineExecution({
      pipelineName: started.name,
      pipelineExecutionId: started.executionId,
    });
    expect(pipelineExecution?.artifactRevisions).toEqual([
      { name: "Found", revisionId: "abc", revisionSummary: "fixes" },
    ]);
  });

  test("a secret value is plain in the job's data, and shown nowhere else", async () => {
    const actionTypeId = await bench.customType({ configurationProperties: [project, password] });
    const configuration = { Project: "shop", Password: "hunter2" };
    const hidden = { Project: "shop", Password: "****" };
    const started = await bench.start(actionTypeId, { configuration });
    const { job, jobId } = await take(actionTypeId);
    expect(job.data?.actionConfiguration).toEqual({ configuration });
    const { jobDetails } = await codePipeline.getJobDetails({ jobId });
    expect(jobDetails?.data?.actionConfiguration).toEqual({ configuration });
    const { pipeline } = await codePipeline.getPipeline({ name: started.name });
    expect(pipeline?.stages?.[1]?.actions?.[0]?.configuration).toEqual(hidden);
    const { input } = await bench.history(started);
    expect([input?.configuration, input?.resolvedConfiguration]).toEqual([hidden, hidden]);
    expect(JSON.stringify([bench.server.story, bench.server.logged])).not.toContain("hunter2");
  });

  test("a secret that is sent back as it is shown keeps its value, and another one takes its place", async () => {
    const actionTypeId = await bench.customType({ configurationProperties: [password] });
    const { name } = await bench.start(actionTypeId, { configuration: { Password: "hunter2" } });
    await take(actionTypeId);
    const { pipeline } = await codePipeline.getPipeline({ name });
    if (!pipeline) throw new Error("There is no pipeline.");
    const updated = await codePipeline.updatePipeline({ pipeline });
    expect(updated.pipeline?.stages?.[1]?.actions?.[0]?.configuration).toEqual({ Password: "****" });
    expect(await passwordOfNextRun(name, actionTypeId)).toBe("hunter2");
    const [source, stage] = pipeline.stages ?? [];
    const [work] = stage?.actions ?? [];
    if (!source || !stage || !work) throw new Error("The pipeline has lost its stages.");
    const changed = { ...stage, actions: [{ ...work, configuration: { Password: "hunter3" } }] };
    await codePipeline.updatePipeline({ pipeline: { ...pipeline, stages: [source, changed] } });
    expect(await passwordOfNextRun(name, actionTypeId)).toBe("hunter3");
  });

  async function passwordOfNextRun(name: string, actionTypeId: ActionTypeId) {
    const before = await codePipeline.listPipelineExecutions({ pipelineName: name });
    const { pipelineExecutionId } = before.pipelineExecutionSummaries?.[0] ?? {};
    await codePipeline.stopPipelineExecution({ pipelineName: name, pipelineExecutionId, abandon: true });
    await codePipeline.startPipelineExecution({ name });
    return (await take(actionTypeId)).job.data?.actionConfiguration?.configuration?.["Password"];
  }

  test("results count once: the same again is fine, another or the opposite one is refused", async () => {
    const { started, jobId } = await taken();
    const executionDetails = { summary: "built" };
    await codePipeline.putJobSuccessResult({ jobId, executionDetails });
    await bench.ended(started);
    await codePipeline.putJobSuccessResult({ jobId, executionDetails });
    await expect(codePipeline.putJobSuccessResult({ jobId })).rejects.toMatchObject({
      name: "InvalidJobStateException",
      message: expect.stringMatching(/is already set to the desired value/),
    });
    await expect(codePipeline.putJobFailureResult({ jobId, failureDetails: NO })).rejects.toMatchObject({
      name: "InvalidJobStateException",
      message: `Job with id ${jobId} has already terminated`,
    });
    expect((await bench.history(started)).status).toBe("Succeeded");
  });

  test("a job that was handed out and not acknowledged takes a result all the same", async () => {
    const actionTypeId = await bench.customType();
    const started = await bench.start(actionTypeId);
    const { id: jobId } = await bench.poll(client, { actionTypeId });
    await codePipeline.putJobSuccessResult({ jobId });
    expect(await bench.ended(started)).toBe("Succeeded");
  });

  test("stop and abandon while its worker works: the execution is stopped at once, and the late result moves nothing", async () => {
    const { started, jobId } = await taken();
    const { name: pipelineName, executionId: pipelineExecutionId } = started;
    await codePipeline.stopPipelineExecution({ pipelineName, pipelineExecutionId, abandon: true });
    expect(await bench.ended(started)).toBe("Stopped");
    await codePipeline.putJobSuccessResult({ jobId });
    expect((await bench.history(started)).status).toBe("Abandoned");
  });

  test("stop and wait: the execution is stopped when its worker has reported", async () => {
    const { started, jobId } = await taken();
    const { name: pipelineName, executionId: pipelineExecutionId } = started;
    await codePipeline.stopPipelineExecution({ pipelineName, pipelineExecutionId });
    expect((await bench.history(started)).status).toBe("InProgress");
    await codePipeline.putJobSuccessResult({ jobId });
    expect(await bench.ended(started)).toBe("Stopped");
    expect((await bench.history(started)).status).toBe("Succeeded");
  });

  test("24 hours without a result fail it, whether or not its job was taken", async () => {
    const waits = await bench.customType();
    const works = await bench.customType();
    const both = [await bench.start(waits), await bench.start(works)];
    await take(works);
    await Promise.all(both.map(bench.hasJob));
    await bench.server.advance(24 * HOUR_MS - 60_000);
    for (const started of both) expect((await bench.history(started)).status).toBe("InProgress");
    await bench.server.advance(60_000);
    for (const [index, started] of both.entries()) {
      expect(await bench.ended(started)).toBe("Failed");
      const { provider } = [waits, works][index] ?? {};
      expect((await bench.state(started)).latestExecution?.errorDetails).toEqual({
        code: "JobFailed",
        message: `The action of the type Custom/Build/${provider}/1 did not return a result within its time limit of 24 hours. Check that a worker polls for its jobs, acknowledges them, and puts a result.`,
      });
    }
    expect((await codePipeline.pollForJobs({ actionTypeId: waits })).jobs).toEqual([]);
  });

  test("the 24 hours are the action's: a job that continues does not begin them anew", async () => {
    const { actionTypeId, started, jobId } = await taken();
    await bench.server.advance(23 * HOUR_MS);
    await codePipeline.putJobSuccessResult({ jobId, continuationToken: "more" });
    const next = await take(actionTypeId);
    await bench.server.advance(HOUR_MS);
    expect(await bench.ended(started)).toBe("Failed");
    await expect(codePipeline.putJobSuccessResult({ jobId: next.jobId })).rejects.toMatchObject({
      name: "InvalidJobStateException",
      message: `Job with id ${next.jobId} has already terminated`,
    });
  });
});

function placeOf(artifact: Artifact | undefined) {
  const { bucketName: Bucket, objectKey: Key } = artifact?.location?.s3Location ?? {};
  return { Bucket, Key };
}
