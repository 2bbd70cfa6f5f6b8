import { afterAll, describe, expect, test } from "vitest";
import { JOBS, openJobBench } from "./job-bench.ts";

const bench = await openJobBench();
afterAll(bench.server.stop);

describe.each(bench.clients)("GetPipelineExecution by $name", ({ codePipeline }) => {
  test("tells what a standard run has: revisions, mode, version, status and trigger, and nothing else", async () => {
    const { executionId, job } = await bench.startJob();
    const ask = () => codePipeline.getPipelineExecution({ pipelineName: JOBS, pipelineExecutionId: executionId });
    const revisionId = job.data.inputArtifacts[0]?.revision;
    const expected = {
      pipelineName: JOBS,
      pipelineVersion: 1,
      pipelineExecutionId: executionId,
      status: "InProgress",
      artifactRevisions: [{ name: "SourceZip", revisionId, revisionSummary: `Amazon S3 version id: ${revisionId}` }],
      trigger: { triggerType: "StartPipelineExecution", triggerDetail: `arn:aws:iam::${bench.server.account}:root` },
      executionMode: "PARALLEL",
    };
    expect((await ask()).pipelineExecution).toEqual(expected);
    await codePipeline.putJobSuccessResult({ jobId: job.id });
    await bench.ended(executionId);
    expect((await ask()).pipelineExecution).toEqual({ ...expected, status: "Succeeded" });
  });

  test("an unknown execution, a malformed id and an unknown pipeline are refused", async () => {
    const { executionId } = await bench.startJob();
    const of = (pipelineName: string, pipelineExecutionId: string) =>
      codePipeline.getPipelineExecution({ pipelineName, pipelineExecutionId });
    await expect(of(JOBS, "01234567-89ab-4cde-8f01-23456789abcd")).rejects.toMatchObject({
      name: "PipelineExecutionNotFoundException",
      $metadata: { httpStatusCode: 400 },
    });
    await expect(of(JOBS, "x")).rejects.toMatchObject({ name: "ValidationException" });
    await expect(of("nobody", executionId)).rejects.toMatchObject({ name: "PipelineNotFoundException" });
  });
});
