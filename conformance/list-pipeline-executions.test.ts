import type { ListPipelineExecutionsOutput } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { lambdaAction, pipeline } from "./ground.ts";
import { JOBS, openJobBench } from "./job-bench.ts";

const bench = await openJobBench();
afterAll(bench.server.stop);
const [{ codePipeline: root }] = bench.clients;
/** Oldest first: one that failed, one that succeeded, one that was stopped, one that still runs. */
const ids = [await failed(), await succeeded(), await stopped(), (await bench.startJob()).executionId];

describe.each(bench.clients)("ListPipelineExecutions by $name", ({ name: client, codePipeline }) => {
  test("tells the newest first, with status, times, source, trigger and mode", async () => {
    const { pipelineExecutionSummaries: listed = [] } = await codePipeline.listPipelineExecutions({
      pipelineName: JOBS,
    });
    expect(listed.slice(0, -1).map(({ pipelineExecutionId }) => pipelineExecutionId)).toEqual([...ids].reverse());
    expect(listed.map(({ status }) => status)).toEqual(["InProgress", "Stopped", "Succeeded", "Failed", "InProgress"]);
    const version = listed[2]?.sourceRevisions?.[0]?.revisionId ?? "";
    expect(version).toMatch(/^[\w.-]{32}$/);
    expect(listed[2]).toEqual({
      pipelineExecutionId: ids[1],
      status: "Succeeded",
      startTime: expect.any(Date),
      lastUpdateTime: expect.any(Date),
      sourceRevisions: [
        { actionName: "Fetch", revisionId: version, revisionSummary: `Amazon S3 version id: ${version}` },
      ],
      trigger: { triggerType: "StartPipelineExecution", triggerDetail: `arn:aws:iam::${bench.server.account}:root` },
      executionMode: "PARALLEL",
    });
    expect(listed[1]?.stopTrigger).toEqual({ reason: "enough of it" });
    expect(listed[4]?.trigger?.triggerType).toBe("CreatePipeline");
  });

  test("gives as many as asked for, and each once over all pages", async () => {
    const first = await codePipeline.listPipelineExecutions({ pipelineName: JOBS, maxResults: 3 });
    const { nextToken = "" } = first;
    const second = await codePipeline.listPipelineExecutions({ pipelineName: JOBS, maxResults: 3, nextToken });
    expect(second).not.toHaveProperty("nextToken");
    const all = await codePipeline.listPipelineExecutions({ pipelineName: JOBS });
    const paged = [...(first.pipelineExecutionSummaries ?? []), ...(second.pipelineExecutionSummaries ?? [])];
    expect(first.pipelineExecutionSummaries).toHaveLength(3);
    expect(paged).toEqual(all.pipelineExecutionSummaries);
  });

  test("an execution that starts meanwhile does not move what the next page holds", async () => {
    const pipelineName = `paged-by-${client.replaceAll(" ", "-")}`;
    await root.createPipeline({ pipeline: pipeline(pipelineName, [lambdaAction("Call", "nobody")]) });
    for (let count = 0; count < 3; count += 1) await root.startPipelineExecution({ name: pipelineName });
    const all = await codePipeline.listPipelineExecutions({ pipelineName });
    const { nextToken = "" } = await codePipeline.listPipelineExecutions({ pipelineName, maxResults: 2 });
    await root.startPipelineExecution({ name: pipelineName });
    const next = await codePipeline.listPipelineExecutions({ pipelineName, maxResults: 1, nextToken });
    expect(idsOf(next)).toEqual(idsOf(all).slice(2, 3));
  });

  test("a filter leaves those that succeeded in a stage", async () => {
    const inStage = async (stageName: string) =>
      idsOf(
        await codePipeline.listPipelineExecutions({ pipelineName: JOBS, filter: { succeededInStage: { stageName } } }),
      );
    expect(await inStage("Stage1")).toEqual([ids[1]]);
    expect(await inStage("Source")).toHaveLength(5);
    expect(await inStage("Nowhere")).toEqual([]);
  });

  test("garbage is no token, 101 is no size of a page, and an unknown pipeline has no executions", async () => {
    await expect(
      codePipeline.listPipelineExecutions({ pipelineName: JOBS, nextToken: "garbage" }),
    ).rejects.toMatchObject({
      name: "InvalidNextTokenException",
    });
    await expect(codePipeline.listPipelineExecutions({ pipelineName: JOBS, maxResults: 101 })).rejects.toMatchObject({
      name: "ValidationException",
    });
    await expect(codePipeline.listPipelineExecutions({ pipelineName: "nobody" })).rejects.toMatchObject({
      name: "PipelineNotFoundException",
    });
  });
});

function idsOf(answer: ListPipelineExecutionsOutput): (string | undefined)[] {
  return (answer.pipelineExecutionSummaries ?? []).map(({ pipelineExecutionId }) => pipelineExecutionId);
}

async function failed(): Promise<string> {
  const { executionId, job } = await bench.startJob();
  await root.putJobFailureResult({ jobId: job.id, failureDetails: { type: "JobFailed", message: "no" } });
  await bench.ended(executionId);
  return executionId;
}

async function succeeded(): Promise<string> {
  const { executionId, job } = await bench.startJob();
  await root.putJobSuccessResult({ jobId: job.id });
  await bench.ended(executionId);
  return executionId;
}

async function stopped(): Promise<string> {
  const { executionId } = await bench.startJob();
  const stop = { pipelineName: JOBS, pipelineExecutionId: executionId, abandon: true, reason: "enough of it" };
  await root.stopPipelineExecution(stop);
  await bench.ended(executionId);
  return executionId;
}
