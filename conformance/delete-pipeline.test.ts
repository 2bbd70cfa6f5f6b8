import { afterAll, describe, expect, test } from "vitest";
import { lambdaAction, pipeline } from "./ground.ts";
import { openJobBench } from "./job-bench.ts";

const bench = await openJobBench();
afterAll(bench.server.stop);

describe.each(bench.clients)("DeletePipeline by $name", ({ codePipeline }) => {
  test("deletes the pipeline with its history, and a new one of its name starts from nothing", async () => {
    await codePipeline.createPipeline({ pipeline: pipeline("short-lived", [lambdaAction("Call", "pass-on")]) });
    await bench.nextJob();
    await codePipeline.updatePipeline({ pipeline: pipeline("short-lived", [lambdaAction("Other", "pass-on")]) });
    await codePipeline.deletePipeline({ name: "short-lived" });
    const gone = { name: "PipelineNotFoundException" };
    await expect(codePipeline.getPipeline({ name: "short-lived" })).rejects.toMatchObject(gone);
    await expect(codePipeline.getPipelineState({ name: "short-lived" })).rejects.toMatchObject(gone);
    await expect(codePipeline.listPipelineExecutions({ pipelineName: "short-lived" })).rejects.toMatchObject(gone);
    await expect(codePipeline.startPipelineExecution({ name: "short-lived" })).rejects.toMatchObject(gone);
    const again = await codePipeline.createPipeline({
      pipeline: pipeline("short-lived", [lambdaAction("Third", "pass-on")]),
    });
    expect(again.pipeline?.version).toBe(1);
    await bench.nextJob();
    const { pipelineExecutionSummaries } = await codePipeline.listPipelineExecutions({ pipelineName: "short-lived" });
    expect(pipelineExecutionSummaries).toHaveLength(1);
    const { stageStates } = await codePipeline.getPipelineState({ name: "short-lived" });
    expect(stageStates?.[1]?.actionStates).toMatchObject([{ actionName: "Third" }]);
    await codePipeline.deletePipeline({ name: "short-lived" });
  });

  test("is fine for a pipeline that is not there, and refuses only a name that cannot be one", async () => {
    await codePipeline.deletePipeline({ name: "never-was" });
    await codePipeline.deletePipeline({ name: "never-was" });
    await expect(codePipeline.deletePipeline({ name: "a b" })).rejects.toMatchObject({ name: "ValidationException" });
  });

  test.each(["success", "failure"] as const)("a first result after it is taken: %s", async (result) => {
    await codePipeline.createPipeline({ pipeline: pipeline("gone", [lambdaAction("Call", "pass-on")]) });
    const { id: jobId } = await bench.nextJob();
    await codePipeline.deletePipeline({ name: "gone" });
    const failureDetails = { type: "JobFailed", message: "no" } as const;
    if (result === "success") await codePipeline.putJobSuccessResult({ jobId });
    else await codePipeline.putJobFailureResult({ jobId, failureDetails });
    const opposite = { name: "InvalidJobStateException", message: `Job with id ${jobId} has already terminated` };
    if (result === "failure") await expect(codePipeline.putJobSuccessResult({ jobId })).rejects.toMatchObject(opposite);
    else await expect(codePipeline.putJobFailureResult({ jobId, failureDetails })).rejects.toMatchObject(opposite);
  });

  test("the same failure again is fine after it", async () => {
    await codePipeline.createPipeline({ pipeline: pipeline("failed", [lambdaAction("Call", "pass-on")]) });
    const { id: jobId } = await bench.nextJob();
    const result = { jobId, failureDetails: { type: "JobFailed", message: "no" } } as const;
    await codePipeline.putJobFailureResult(result);
    await codePipeline.deletePipeline({ name: "failed" });
    await codePipeline.putJobFailureResult(result);
  });

  test("the same result again is fine after it, another one is refused as before", async () => {
    await codePipeline.createPipeline({ pipeline: pipeline("outlived", [lambdaAction("Call", "pass-on")]) });
    const job = await bench.nextJob();
    const result = { jobId: job.id, outputVariables: { A: "1" } };
    await codePipeline.putJobSuccessResult(result);
    await codePipeline.deletePipeline({ name: "outlived" });
    await codePipeline.putJobSuccessResult(result);
    await expect(codePipeline.putJobSuccessResult({ jobId: job.id })).rejects.toMatchObject({
      name: "InvalidJobStateException",
    });
  });

  test("a first result after it moves nothing of a new pipeline of the same name", async () => {
    await codePipeline.createPipeline({ pipeline: pipeline("reborn", [lambdaAction("Call", "pass-on")]) });
    const old = await bench.nextJob();
    await codePipeline.deletePipeline({ name: "reborn" });
    await codePipeline.createPipeline({ pipeline: pipeline("reborn", [lambdaAction("Call", "pass-on")]) });
    const job = await bench.nextJob();
    await codePipeline.putJobSuccessResult({ jobId: old.id }).catch(() => {}); // nobody measured the answer
    const [execution] =
      (await codePipeline.listPipelineExecutions({ pipelineName: "reborn" })).pipelineExecutionSummaries ?? [];
    expect(execution?.status).toBe("InProgress");
    await codePipeline.putJobSuccessResult({ jobId: job.id });
    await bench.server.settled(execution?.pipelineExecutionId);
    await codePipeline.deletePipeline({ name: "reborn" });
  });
});
