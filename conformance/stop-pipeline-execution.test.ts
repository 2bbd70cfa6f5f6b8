import { afterAll, describe, expect, test } from "vitest";
import { JOBS, openJobBench } from "./job-bench.ts";

const bench = await openJobBench();
afterAll(bench.server.stop);

describe.each(bench.clients)("StopPipelineExecution by $name", ({ codePipeline }) => {
  const stop = (pipelineExecutionId: string, more: object = {}) =>
    codePipeline.stopPipelineExecution({ pipelineName: JOBS, pipelineExecutionId, ...more });
  const statusOf = async (pipelineExecutionId: string) =>
    (await codePipeline.getPipelineExecution({ pipelineName: JOBS, pipelineExecutionId })).pipelineExecution?.status;

  test("waits for the actions that run: Stopping until the last has reported, then Stopped", async () => {
    const { executionId, job } = await bench.startJob();
    expect((await stop(executionId)).pipelineExecutionId).toBe(executionId);
    expect(await statusOf(executionId)).toBe("Stopping");
    await codePipeline.putJobSuccessResult({ jobId: job.id });
    expect(await bench.ended(executionId)).toBe("Stopped");
    expect((await bench.history(executionId)).status).toBe("Succeeded");
  });

  test("a second request while it stops is refused, unless it abandons", async () => {
    const { executionId } = await bench.startJob();
    await stop(executionId);
    await expect(stop(executionId)).rejects.toMatchObject({
      name: "DuplicatedStopRequestException",
      $metadata: { httpStatusCode: 400 },
    });
    await stop(executionId, { abandon: true });
    expect(await bench.ended(executionId)).toBe("Stopped");
    expect((await bench.history(executionId)).status).toBe("Abandoned");
  });

  test("with abandon, actions are Abandoned and the execution is Stopped at once", async () => {
    const { executionId } = await bench.startJob();
    await stop(executionId, { abandon: true, reason: "enough" });
    expect(await statusOf(executionId)).toBe("Stopped");
    expect((await bench.history(executionId)).status).toBe("Abandoned");
  });

  test("what has ended, what is unknown and a reason of 201 characters are refused", async () => {
    const { executionId, job } = await bench.startJob();
    await expect(stop(executionId, { reason: "x".repeat(201) })).rejects.toMatchObject({ name: "ValidationException" });
    await codePipeline.putJobSuccessResult({ jobId: job.id });
    await bench.ended(executionId);
    await expect(stop(executionId)).rejects.toMatchObject({
      name: "PipelineExecutionNotStoppableException",
      $metadata: { httpStatusCode: 400 },
    });
    await expect(stop("01234567-89ab-4cde-8f01-23456789abcd")).rejects.toMatchObject({
      name: expect.stringMatching(/^PipelineExecutionNot(Stoppable|Found)Exception$/),
    });
  });
});
