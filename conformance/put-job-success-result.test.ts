import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import { javascript } from "./javascript.ts";
import { JOBS, openJobBench } from "./job-bench.ts";

const bench = await openJobBench();
afterAll(bench.server.stop);

/** 122,880 bytes of names and values together. */
const LARGEST_VARIABLES = { A: "x".repeat(61_439), B: "y".repeat(61_439) };

describe.each(bench.clients)("PutJobSuccessResult by $name", ({ codePipeline }) => {
  test("ends the action, and its variables are shown with the function's name and the reserved places", async () => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobSuccessResult({ jobId: job.id, outputVariables: { Rows: "42", "With-@_": "é" } });
    expect(await bench.ended(executionId)).toBe("Succeeded");
    expect(await bench.history(executionId)).toMatchObject({
      status: "Succeeded",
      output: {
        outputVariables: { Rows: "42", "With-@_": "é" },
        executionResult: { externalExecutionId: "pass-on" },
        outputArtifacts: [
          { name: "ProducedZip", s3location: { key: job.data.outputArtifacts[0]?.location.s3Location.objectKey } },
        ],
      },
    });
  });

  test("details and revision of the caller are taken and shown nowhere", async () => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobSuccessResult({
      jobId: job.id,
      executionDetails: { summary: "its summary", externalExecutionId: "its id", percentComplete: 100 },
      currentRevision: { revision: "its revision", changeIdentifier: "its change", created: new Date(0) },
    });
    expect(await bench.ended(executionId)).toBe("Succeeded");
    const shown = JSON.stringify([
      await bench.history(executionId),
      await codePipeline.getPipelineExecution({ pipelineName: JOBS, pipelineExecutionId: executionId }),
      await codePipeline.getPipelineState({ name: JOBS }),
    ]);
    expect(shown).not.toMatch(/its (summary|id|revision|change)/);
  });

  test("an unknown id is no job", async () => {
    const jobId = "01234567-89ab-4cde-8f01-23456789abcd";
    await expect(codePipeline.putJobSuccessResult({ jobId })).rejects.toMatchObject({
      name: "JobNotFoundException",
      message: `Job with id '${jobId}' does not exist`,
      $metadata: { httpStatusCode: 400 },
    });
  });

  test.each(["no-uuid", "01234567-89AB-4CDE-8F01-23456789ABCD", ""])(
    "a malformed id, %j, is refused",
    async (jobId) => {
      await expect(codePipeline.putJobSuccessResult({ jobId })).rejects.toMatchObject({
        name: "ValidationException",
        message:
          "1 validation error detected: Value at 'jobId' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        $metadata: { httpStatusCode: 400 },
      });
    },
  );

  test("the same again is fine, whatever the order of the variables", async () => {
    const { executionId, job } = await bench.startJob();
    const result = { jobId: job.id, executionDetails: { summary: "s" } };
    await codePipeline.putJobSuccessResult({ ...result, outputVariables: { A: "1", B: "2" } });
    expect(await bench.ended(executionId)).toBe("Succeeded");
    await codePipeline.putJobSuccessResult({ ...result, outputVariables: { B: "2", A: "1" } });
    expect((await bench.history(executionId)).output?.outputVariables).toEqual({ A: "1", B: "2" });
  });

  test("the same again is fine, revision and details included, and a revision of another time is not the same", async () => {
    const { executionId, job } = await bench.startJob();
    const currentRevision = { revision: "r", changeIdentifier: "c", created: new Date(1_500_000_000_000) };
    const executionDetails = { summary: "s", externalExecutionId: "e", percentComplete: 100 };
    const result = { jobId: job.id, currentRevision, executionDetails };
    await codePipeline.putJobSuccessResult(result);
    await codePipeline.putJobSuccessResult(result);
    const other = { ...currentRevision, created: new Date(1_500_000_001_000) };
    await expect(codePipeline.putJobSuccessResult({ ...result, currentRevision: other })).rejects.toMatchObject({
      name: "InvalidJobStateException",
    });
    expect(await bench.ended(executionId)).toBe("Succeeded");
  });

  test.each([
    ["other variables", { outputVariables: { A: "2" } }],
    ["no variables", {}],
    ["other details", { outputVariables: { A: "1" }, executionDetails: { summary: "s" } }],
    ["a revision", { outputVariables: { A: "1" }, currentRevision: { revision: "r", changeIdentifier: "c" } }],
    ["a continuation token", { continuationToken: "more" }],
  ])("a second success with %s is refused, and the first one stays", async (_, other) => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobSuccessResult({ jobId: job.id, outputVariables: { A: "1" } });
    await expect(codePipeline.putJobSuccessResult({ jobId: job.id, ...other })).rejects.toMatchObject({
      name: "InvalidJobStateException",
      message: `The status of job with id ${job.id} is already set to the desired value. It cannot be updated with the same status, but different result or output variables.`,
      $metadata: { httpStatusCode: 400 },
    });
    expect(await bench.ended(executionId)).toBe("Succeeded");
    expect((await bench.history(executionId)).output?.outputVariables).toEqual({ A: "1" });
  });

  test("a success after a failure comes to a job that has already terminated", async () => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobFailureResult({ jobId: job.id, failureDetails: { type: "JobFailed", message: "no" } });
    await expect(codePipeline.putJobSuccessResult({ jobId: job.id })).rejects.toMatchObject({
      name: "InvalidJobStateException",
      message: `Job with id ${job.id} has already terminated`,
    });
    expect(await bench.ended(executionId)).toBe("Failed");
  });

  test("a token together with variables is refused and leaves the job as it was", async () => {
    const { executionId, job } = await bench.startJob();
    const both = { jobId: job.id, continuationToken: "more", outputVariables: { A: "1" } };
    await expect(codePipeline.putJobSuccessResult(both)).rejects.toMatchObject({
      name: "ValidationException",
      message: "A job can not contain both a continuation token and output variables.",
    });
    await codePipeline.putJobSuccessResult({ jobId: job.id, outputVariables: { A: "1" } });
    expect(await bench.ended(executionId)).toBe("Succeeded");
  });

  test("a token ends the job and makes a new one of the same action, with the same places", async () => {
    const { executionId, job } = await bench.startJob();
    const action = (await bench.history(executionId)).actionExecutionId;
    const token = '{"previous_job_id": "é"}';
    await codePipeline.putJobSuccessResult({ jobId: job.id, continuationToken: token });
    const next = await bench.nextJob();
    expect(next.id).not.toBe(job.id);
    expect(job.data).not.toHaveProperty("continuationToken");
    expect(next.data.continuationToken).toBe(token);
    expect(next.data.inputArtifacts).toEqual(job.data.inputArtifacts);
    expect(next.data.outputArtifacts).toEqual(job.data.outputArtifacts);
    expect(next.data.actionConfiguration).toEqual(job.data.actionConfiguration);
    expect(next.data.artifactCredentials.sessionToken).not.toBe(job.data.artifactCredentials.sessionToken);
    expect(await bench.history(executionId)).toMatchObject({ status: "InProgress", actionExecutionId: action });
    await codePipeline.putJobSuccessResult({ jobId: next.id });
    expect(await bench.ended(executionId)).toBe("Succeeded");
    expect((await bench.history(executionId)).actionExecutionId).toBe(action);
  });

  test("after a token, the same again is fine and a plain success of the same job is refused", async () => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobSuccessResult({ jobId: job.id, continuationToken: "more" });
    const next = await bench.nextJob();
    await codePipeline.putJobSuccessResult({ jobId: job.id, continuationToken: "more" });
    await expect(codePipeline.putJobSuccessResult({ jobId: job.id })).rejects.toMatchObject({
      name: "InvalidJobStateException",
      message: expect.stringContaining("is already set to the desired value"),
    });
    const failure = { jobId: job.id, failureDetails: { type: "JobFailed", message: "no" } } as const;
    await expect(codePipeline.putJobFailureResult(failure)).rejects.toMatchObject({
      message: `Job with id ${job.id} has already terminated`,
    });
    await codePipeline.putJobSuccessResult({ jobId: next.id });
    expect(await bench.ended(executionId)).toBe("Succeeded");
  });

  test("122,880 bytes of variables are taken, one more is refused and leaves the job as it was", async () => {
    const { executionId, job } = await bench.startJob();
    const larger = { ...LARGEST_VARIABLES, A: `${LARGEST_VARIABLES.A}x` };
    await expect(codePipeline.putJobSuccessResult({ jobId: job.id, outputVariables: larger })).rejects.toMatchObject({
      name: "OutputVariablesSizeExceededException",
      $metadata: { httpStatusCode: 400 },
    });
    await codePipeline.putJobSuccessResult({ jobId: job.id, outputVariables: LARGEST_VARIABLES });
    expect(await bench.ended(executionId)).toBe("Succeeded");
    expect((await bench.history(executionId)).output?.outputVariables).toEqual(LARGEST_VARIABLES);
  });

  test("2,048 characters of token are taken", async () => {
    const { job } = await bench.startJob();
    const continuationToken = "é".repeat(2048);
    await codePipeline.putJobSuccessResult({ jobId: job.id, continuationToken });
    expect((await bench.nextJob()).data.continuationToken).toBe(continuationToken);
  });

  test.each([
    [{ continuationToken: "" }, "continuationToken", "have length greater than or equal to 1"],
    [{ continuationToken: "x".repeat(2049) }, "continuationToken", "have length less than or equal to 2048"],
    [
      { executionDetails: { summary: "x".repeat(2049) } },
      "executionDetails.summary",
      "have length less than or equal to 2048",
    ],
    [
      { executionDetails: { externalExecutionId: "x".repeat(1501) } },
      "executionDetails.externalExecutionId",
      "have length less than or equal to 1500",
    ],
    [
      { executionDetails: { percentComplete: 101 } },
      "executionDetails.percentComplete",
      "have value less than or equal to 100",
    ],
    [
      { executionDetails: { percentComplete: -1 } },
      "executionDetails.percentComplete",
      "have value greater than or equal to 0",
    ],
    [
      { currentRevision: { revision: "x".repeat(1501), changeIdentifier: "c" } },
      "currentRevision.revision",
      "have length less than or equal to 1500",
    ],
    [
      { currentRevision: { revision: "r", changeIdentifier: "x".repeat(101) } },
      "currentRevision.changeIdentifier",
      "have length less than or equal to 100",
    ],
    [
      { currentRevision: { revision: "r", changeIdentifier: "c", revisionSummary: "x".repeat(2049) } },
      "currentRevision.revisionSummary",
      "have length less than or equal to 2048",
    ],
  ])("the model's limit %#: %o is refused at %s, which must %s", async (input, place, rule) => {
    const { job } = await bench.startJob();
    await expect(codePipeline.putJobSuccessResult({ jobId: job.id, ...input })).rejects.toMatchObject({
      name: "ValidationException",
      message: `1 validation error detected: Value at '${place}' failed to satisfy constraint: Member must ${rule}`,
    });
  });

  test.each(["a b", "a.b", "ä", "#{a}"])("a variable cannot be named %j, and the job is as it was", async (name) => {
    const { executionId, job } = await bench.startJob();
    await expect(
      codePipeline.putJobSuccessResult({ jobId: job.id, outputVariables: { [name]: "1" } }),
    ).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining("Member must satisfy regular expression pattern: [A-Za-z0-9@\\-_]+"),
    });
    await codePipeline.putJobSuccessResult({ jobId: job.id });
    expect(await bench.ended(executionId)).toBe("Succeeded");
  });

  test("a first result after the execution was abandoned is taken and moves nothing", async () => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.stopPipelineExecution({ pipelineName: JOBS, pipelineExecutionId: executionId, abandon: true });
    await codePipeline.putJobSuccessResult({ jobId: job.id, outputVariables: { A: "1" } });
    expect(await bench.ended(executionId)).toBe("Stopped");
    expect(await bench.history(executionId)).toMatchObject({
      status: "Abandoned",
      output: { outputArtifacts: [], outputVariables: {} },
    });
  });
});

const ELSEWHERE = { region: "eu-west-1" };
describe.each([javascript(bench.server, ELSEWHERE), boto3(bench.server, ELSEWHERE)])(
  "PutJobSuccessResult in another region by $name",
  ({ codePipeline }) => {
    test("the right id in another region is no job", async () => {
      const { executionId, job } = await bench.startJob();
      await expect(codePipeline.putJobSuccessResult({ jobId: job.id })).rejects.toMatchObject({
        name: "JobNotFoundException",
        message: `Job with id '${job.id}' does not exist`,
      });
      await bench.clients[0].codePipeline.putJobSuccessResult({ jobId: job.id });
      expect(await bench.ended(executionId)).toBe("Succeeded");
    });
  },
);
