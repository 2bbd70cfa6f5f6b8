import { afterAll, describe, expect, test } from "vitest";
import { JOBS, openJobBench } from "./job-bench.ts";

/* What an update of a pipeline does to its executions in flight. */

const bench = await openJobBench();
afterAll(bench.server.stop);

describe.each(bench.clients)("An update while a job is out by $name", ({ codePipeline }) => {
  const execution = async (pipelineExecutionId: string) =>
    (await codePipeline.getPipelineExecution({ pipelineName: JOBS, pipelineExecutionId })).pipelineExecution;
  const update = async () => {
    const { pipeline } = await codePipeline.getPipeline({ name: JOBS });
    await codePipeline.updatePipeline({ pipeline });
  };

  test("lets the job be reported, starts nothing more, and the execution is cancelled, in whatever number", async () => {
    const [one, two] = [await bench.startJob(), await bench.startJob()];
    await update();
    expect((await execution(one.executionId))?.status).toBe("InProgress");
    await codePipeline.putJobSuccessResult({ jobId: one.job.id });
    await codePipeline.putJobFailureResult({ jobId: two.job.id, failureDetails: { type: "JobFailed", message: "no" } });
    expect(await bench.ended(one.executionId)).toBe("Cancelled");
    expect(await bench.ended(two.executionId)).toBe("Cancelled");
    expect((await bench.history(one.executionId)).status).toBe("Succeeded");
    expect((await bench.history(two.executionId)).status).toBe("Failed");
    const { stageStates = [] } = await codePipeline.getPipelineState({ name: JOBS });
    expect(stageStates[1]?.latestExecution).toMatchObject({ status: "Cancelled" });
  });

  test("does nothing to what starts afterwards, which is of the new version", async () => {
    await update();
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobSuccessResult({ jobId: job.id });
    expect(await bench.ended(executionId)).toBe("Succeeded");
    const { pipeline } = await codePipeline.getPipeline({ name: JOBS });
    expect((await execution(executionId))?.pipelineVersion).toBe(pipeline?.version);
  });

  test("what was cancelled cannot be retried, and can be stopped only before its end", async () => {
    const { executionId, job } = await bench.startJob();
    await update();
    await codePipeline.putJobFailureResult({ jobId: job.id, failureDetails: { type: "JobFailed", message: "no" } });
    expect(await bench.ended(executionId)).toBe("Cancelled");
    await expect(
      codePipeline.retryStageExecution({
        pipelineName: JOBS,
        pipelineExecutionId: executionId,
        stageName: "Stage1",
        retryMode: "FAILED_ACTIONS",
      }),
    ).rejects.toMatchObject({ name: "StageNotRetryableException" });
    await expect(
      codePipeline.stopPipelineExecution({ pipelineName: JOBS, pipelineExecutionId: executionId }),
    ).rejects.toMatchObject({ name: "PipelineExecutionNotStoppableException" });
  });
});
