import type { FailureType } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import { javascript } from "./javascript.ts";
import { JOBS, openJobBench } from "./job-bench.ts";

const bench = await openJobBench();
afterAll(bench.server.stop);

const UNKNOWN_ID = "01234567-89ab-4cde-8f01-23456789abcd";
const NO = { type: "JobFailed", message: "no" } as const;
const TYPES: readonly FailureType[] = [
  "JobFailed",
  "ConfigurationError",
  "PermissionError",
  "RevisionOutOfSync",
  "RevisionUnavailable",
  "SystemUnavailable",
];

describe.each(bench.clients)("PutJobFailureResult by $name", ({ codePipeline }) => {
  test.each(TYPES)("%s becomes the action's error code, with the message beside it", async (type) => {
    const { executionId, job } = await bench.startJob();
    const failureDetails = { type, message: "no such column: “é”", externalExecutionId: "its id" };
    await codePipeline.putJobFailureResult({ jobId: job.id, failureDetails });
    expect(await bench.ended(executionId)).toBe("Failed");
    const { status, output } = await bench.history(executionId);
    expect(status).toBe("Failed");
    expect(output).toMatchObject({ outputArtifacts: [], outputVariables: {} });
    expect(output?.executionResult).toEqual({
      externalExecutionId: "pass-on",
      externalExecutionUrl: expect.stringContaining("logStream:group=%252Faws%252Flambda%252Fpass-on"),
      externalExecutionSummary: "no such column: “é”",
      errorDetails: { code: type },
    });
  });

  test("an unknown id is no job", async () => {
    await expect(codePipeline.putJobFailureResult({ jobId: UNKNOWN_ID, failureDetails: NO })).rejects.toMatchObject({
      name: "JobNotFoundException",
      message: `Job with id '${UNKNOWN_ID}' does not exist`,
      $metadata: { httpStatusCode: 400 },
    });
  });

  test("a malformed id is refused", async () => {
    await expect(codePipeline.putJobFailureResult({ jobId: "no-uuid", failureDetails: NO })).rejects.toMatchObject({
      name: "ValidationException",
      message:
        "1 validation error detected: Value at 'jobId' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
      $metadata: { httpStatusCode: 400 },
    });
  });

  test("what is wrong twice is told in one answer", async () => {
    const twice = { jobId: "no-uuid", failureDetails: { ...NO, message: "" } };
    await expect(codePipeline.putJobFailureResult(twice)).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringMatching(/^2 validation errors detected: Value at '.*'.*; Value at '.*'/),
    });
  });

  test("the same again is fine", async () => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobFailureResult({ jobId: job.id, failureDetails: NO });
    expect(await bench.ended(executionId)).toBe("Failed");
    await codePipeline.putJobFailureResult({ jobId: job.id, failureDetails: NO });
    expect((await bench.history(executionId)).output?.executionResult?.externalExecutionSummary).toBe("no");
  });

  test.each([
    ["another message", { ...NO, message: "yes" }],
    ["another type", { ...NO, type: "ConfigurationError" }],
    ["another id", { ...NO, externalExecutionId: "x" }],
  ] as const)("a second failure with %s is refused, and the first one stays", async (_, failureDetails) => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobFailureResult({ jobId: job.id, failureDetails: NO });
    await expect(codePipeline.putJobFailureResult({ jobId: job.id, failureDetails })).rejects.toMatchObject({
      name: "InvalidJobStateException",
      message: `The status of job with id ${job.id} is already set to the desired value. It cannot be updated with the same status, but different result or output variables.`,
      $metadata: { httpStatusCode: 400 },
    });
    expect(await bench.ended(executionId)).toBe("Failed");
    expect((await bench.history(executionId)).output?.executionResult?.errorDetails).toEqual({ code: "JobFailed" });
  });

  test("a failure after a success comes to a job that has already terminated", async () => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobSuccessResult({ jobId: job.id });
    await expect(codePipeline.putJobFailureResult({ jobId: job.id, failureDetails: NO })).rejects.toMatchObject({
      name: "InvalidJobStateException",
      message: `Job with id ${job.id} has already terminated`,
      $metadata: { httpStatusCode: 400 },
    });
    expect(await bench.ended(executionId)).toBe("Succeeded");
  });

  test("a failure after a continuation fails the action of the first job", async () => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobSuccessResult({ jobId: job.id, continuationToken: "more" });
    const next = await bench.nextJob();
    await codePipeline.putJobFailureResult({ jobId: next.id, failureDetails: NO });
    expect(await bench.ended(executionId)).toBe("Failed");
  });

  test("after a continuation, a failure of the job that has continued is refused", async () => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobSuccessResult({ jobId: job.id, continuationToken: "more" });
    const next = await bench.nextJob();
    await expect(codePipeline.putJobFailureResult({ jobId: job.id, failureDetails: NO })).rejects.toMatchObject({
      name: "InvalidJobStateException",
      message: `Job with id ${job.id} has already terminated`,
    });
    await codePipeline.putJobSuccessResult({ jobId: next.id });
    expect(await bench.ended(executionId)).toBe("Succeeded");
  });

  test("a first failure after the execution was abandoned is taken and moves nothing", async () => {
    const { executionId, job } = await bench.startJob();
    await codePipeline.stopPipelineExecution({ pipelineName: JOBS, pipelineExecutionId: executionId, abandon: true });
    await codePipeline.putJobFailureResult({ jobId: job.id, failureDetails: NO });
    expect(await bench.ended(executionId)).toBe("Stopped");
    expect((await bench.history(executionId)).status).toBe("Abandoned");
  });

  test("5,000 characters of message are taken and shown", async () => {
    const { executionId, job } = await bench.startJob();
    const message = "é".repeat(5000);
    await codePipeline.putJobFailureResult({ jobId: job.id, failureDetails: { ...NO, message } });
    expect(await bench.ended(executionId)).toBe("Failed");
    expect((await bench.history(executionId)).output?.executionResult?.externalExecutionSummary).toBe(message);
  });

  test.each([
    [
      "a message of 5,001 characters",
      { ...NO, message: "x".repeat(5001) },
      "message",
      "have length less than or equal to 5000",
    ],
    [
      "an external execution id of 1,501 characters",
      { ...NO, externalExecutionId: "x".repeat(1501) },
      "externalExecutionId",
      "have length less than or equal to 1500",
    ],
    ["an empty message", { ...NO, message: "" }, "message", "have length greater than or equal to 1"],
    [
      "a type that does not exist",
      { ...NO, type: "Nope" as FailureType },
      "type",
      `satisfy enum value set: [${TYPES.join(", ")}]`,
    ],
  ])("%s is refused", async (_, failureDetails, member, rule) => {
    const { job } = await bench.startJob();
    await expect(codePipeline.putJobFailureResult({ jobId: job.id, failureDetails })).rejects.toMatchObject({
      name: "ValidationException",
      message: `1 validation error detected: Value at 'failureDetails.${member}' failed to satisfy constraint: Member must ${rule}`,
    });
  });
});

const ELSEWHERE = { region: "eu-west-1" };
describe.each([javascript(bench.server, ELSEWHERE), boto3(bench.server, ELSEWHERE)])(
  "PutJobFailureResult in another region by $name",
  ({ codePipeline }) => {
    test("the right id in another region is no job", async () => {
      const { job } = await bench.startJob();
      await expect(codePipeline.putJobFailureResult({ jobId: job.id, failureDetails: NO })).rejects.toMatchObject({
        name: "JobNotFoundException",
        message: `Job with id '${job.id}' does not exist`,
      });
    });
  },
);
