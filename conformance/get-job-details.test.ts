import { afterAll, describe, expect, test } from "vitest";
import { javascript } from "./javascript.ts";
import { JOBS, openJobBench } from "./job-bench.ts";

const bench = await openJobBench();
afterAll(bench.server.stop);

describe.each(bench.clients)("GetJobDetails by $name", ({ codePipeline }) => {
  test("tells what the function was told, and what it was not: the action's type, and where it stands", async () => {
    const { executionId, job } = await bench.startJob();
    const { jobDetails } = await codePipeline.getJobDetails({ jobId: job.id });
    expect(jobDetails).toMatchObject({ id: job.id, accountId: bench.server.account });
    expect(jobDetails).not.toHaveProperty("nonce");
    const { artifactCredentials, ...data } = jobDetails?.data ?? {};
    const [input] = job.data.inputArtifacts;
    const [output] = job.data.outputArtifacts;
    expect(data).toEqual({
      actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
      actionConfiguration: job.data.actionConfiguration,
      pipelineContext: {
        pipelineName: JOBS,
        stage: { name: "Stage1" },
        action: { name: "Call", actionExecutionId: (await bench.history(executionId)).actionExecutionId },
      },
      inputArtifacts: [input],
      outputArtifacts: [{ name: output?.name, location: output?.location }],
    });
    expect(Object.keys(artifactCredentials ?? {}).sort()).toEqual(
      expect.arrayContaining(["accessKeyId", "secretAccessKey", "sessionToken"]),
    );
  });

  test("answers id, data and account id, and no nonce", async () => {
    const { job } = await bench.startJob();
    const { jobDetails } = await codePipeline.getJobDetails({ jobId: job.id });
    expect(jobDetails).toEqual({ id: job.id, accountId: bench.server.account, data: expect.any(Object) });
  });

  test("leaves pipelineArn and pipelineExecutionId out of the context of a Lambda action", async () => {
    const { job } = await bench.startJob();
    const { jobDetails } = await codePipeline.getJobDetails({ jobId: job.id });
    expect(Object.keys(jobDetails?.data?.pipelineContext ?? {}).sort()).toEqual(["action", "pipelineName", "stage"]);
  });

  test("gives fresh credentials each time, and they read the input artifact", async () => {
    const { job } = await bench.startJob();
    const ask = async () => (await codePipeline.getJobDetails({ jobId: job.id })).jobDetails?.data?.artifactCredentials;
    const [first, second] = [await ask(), await ask()];
    expect(new Set([first, second, job.data.artifactCredentials].map((each) => each?.sessionToken)).size).toBe(3);
    const { bucketName, objectKey } = job.data.inputArtifacts[0]?.location.s3Location ?? {};
    if (!second) throw new Error("GetJobDetails gave no credentials.");
    const credentials = { ...second } as typeof job.data.artifactCredentials; // its members were seen above
    const { s3 } = javascript(bench.server, { credentials });
    expect((await s3.getObject({ Bucket: bucketName, Key: objectKey })).ContentLength).toBeGreaterThan(0);
  });

  test("shows the token of a continued job, and none of the first", async () => {
    const { job } = await bench.startJob();
    await codePipeline.putJobSuccessResult({ jobId: job.id, continuationToken: "page 2" });
    const next = await bench.nextJob();
    const first = await codePipeline.getJobDetails({ jobId: job.id });
    expect(first.jobDetails?.data).not.toHaveProperty("continuationToken");
    const second = await codePipeline.getJobDetails({ jobId: next.id });
    expect(second.jobDetails?.data?.continuationToken).toBe("page 2");
    expect(second.jobDetails?.data?.pipelineContext).toEqual(first.jobDetails?.data?.pipelineContext);
  });

  test("an unknown id is no job, and a malformed one is refused", async () => {
    const jobId = "01234567-89ab-4cde-8f01-23456789abcd";
    await expect(codePipeline.getJobDetails({ jobId })).rejects.toMatchObject({
      name: "JobNotFoundException",
      message: `Job with id '${jobId}' does not exist`,
      $metadata: { httpStatusCode: 400 },
    });
    await expect(codePipeline.getJobDetails({ jobId: "x" })).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringMatching(/^1 validation error detected: Value at 'jobId' failed to satisfy constraint: /),
    });
  });
});

test("the right id in another region is no job", async () => {
  const { job } = await bench.startJob();
  const elsewhere = javascript(bench.server, { region: "eu-west-1" }).codePipeline;
  await expect(elsewhere.getJobDetails({ jobId: job.id })).rejects.toMatchObject({ name: "JobNotFoundException" });
});
