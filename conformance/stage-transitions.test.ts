import type { StageTransitionType } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { lambdaAction, pipeline } from "./ground.ts";
import { openJobBench } from "./job-bench.ts";

const bench = await openJobBench();
afterAll(bench.server.stop);
const [{ codePipeline: root }] = bench.clients;

describe.each(bench.clients)("Transitions by $name", ({ name: client, codePipeline }) => {
  const disable = (pipelineName: string, stageName = "Stage1", transitionType: StageTransitionType = "Inbound") =>
    codePipeline.disableStageTransition({ pipelineName, stageName, transitionType, reason: "not on a Friday!" });
  const enable = (pipelineName: string, stageName = "Stage1", transitionType: StageTransitionType = "Inbound") =>
    codePipeline.enableStageTransition({ pipelineName, stageName, transitionType });
  const stageOf = async (name: string, index = 1) =>
    (await codePipeline.getPipelineState({ name })).stageStates?.[index];
  const statusOf = async (pipelineName: string, pipelineExecutionId: string | undefined) =>
    (await codePipeline.getPipelineExecution({ pipelineName, pipelineExecutionId })).pipelineExecution?.status;
  const start = async (name: string) => (await root.startPipelineExecution({ name })).pipelineExecutionId;

  test("the state shows that the way in is disabled, why, by whom and when; and that it is enabled again", async () => {
    const name = await created("shown");
    expect((await stageOf(name))?.inboundTransitionState).toEqual({ enabled: true });
    await disable(name);
    const changed = { lastChangedBy: `arn:aws:iam::${bench.server.account}:root`, lastChangedAt: expect.any(Date) };
    expect((await stageOf(name))?.inboundTransitionState).toEqual({
      enabled: false,
      disabledReason: "not on a Friday!",
      ...changed,
    });
    await enable(name);
    expect((await stageOf(name))?.inboundTransitionState).toEqual({ enabled: true, ...changed });
  });

  test("an execution waits before the stage, in progress, and goes on when it is enabled", async () => {
    const name = await created("waits");
    await disable(name);
    const id = await start(name);
    await fetched(name, id);
    expect((await stageOf(name))?.inboundExecutions).toEqual([{ pipelineExecutionId: id, status: "InProgress" }]);
    expect(await statusOf(name, id)).toBe("InProgress");
    await enable(name);
    await root.putJobSuccessResult({ jobId: (await bench.nextJob()).id });
    await bench.server.settled(id);
    expect(await statusOf(name, id)).toBe("Succeeded");
  });

  test("a newer execution supersedes the one that waits, and the latest goes in", async () => {
    const name = await created("superseded");
    await disable(name);
    const first = await start(name);
    await fetched(name, first);
    const second = await start(name);
    await bench.server.settled(first);
    expect(await statusOf(name, first)).toBe("Superseded");
    await enable(name);
    await root.putJobSuccessResult({ jobId: (await bench.nextJob()).id });
    await bench.server.settled(second);
    expect(await statusOf(name, second)).toBe("Succeeded");
  });

  test("what is in the stage goes on while the way in is disabled", async () => {
    const name = await created("goes-on");
    const id = await start(name);
    const { id: jobId } = await bench.nextJob();
    await disable(name);
    await root.putJobSuccessResult({ jobId });
    await bench.server.settled(id);
    expect(await statusOf(name, id)).toBe("Succeeded");
  });

  test("an execution that waits there can be stopped, and cannot be retried", async () => {
    const name = await created("stopped");
    await disable(name);
    const id = (await start(name)) ?? "";
    await fetched(name, id);
    await root.stopPipelineExecution({ pipelineName: name, pipelineExecutionId: id });
    expect(await statusOf(name, id)).toBe("Stopped");
    await expect(
      codePipeline.retryStageExecution({
        pipelineName: name,
        stageName: "Stage1",
        pipelineExecutionId: id,
        retryMode: "FAILED_ACTIONS",
      }),
    ).rejects.toMatchObject({ name: "NotLatestPipelineExecutionException" });
  });

  test("executions of PARALLEL mode wait as well, each for itself", async () => {
    const name = await created("parallel", "PARALLEL");
    await disable(name);
    const ids = [await start(name), await start(name)];
    for (const id of ids) await fetched(name, id);
    const inbound = (await stageOf(name))?.inboundExecutions?.map(({ pipelineExecutionId }) => pipelineExecutionId);
    expect(inbound?.toSorted()).toEqual(ids.toSorted());
    await enable(name);
    for (const job of [await bench.nextJob(), await bench.nextJob()]) await root.putJobSuccessResult({ jobId: job.id });
    for (const id of ids) await bench.server.settled(id);
    expect(await statusOf(name, ids[1])).toBe("Succeeded");
  });

  test("the way out of a stage is the way into the next one, and the last has none", async () => {
    const name = await created("outbound");
    await disable(name, "Source", "Outbound");
    expect((await stageOf(name))?.inboundTransitionState?.enabled).toBe(false);
    await enable(name, "Stage1", "Inbound");
    expect((await stageOf(name))?.inboundTransitionState?.enabled).toBe(true);
    await disable(name, "Stage1", "Outbound");
    const { stageStates = [] } = await codePipeline.getPipelineState({ name });
    expect(stageStates.map(({ inboundTransitionState }) => inboundTransitionState?.enabled)).toEqual([true, true]);
  });

  test("an unknown pipeline or stage, a reason of other letters and another type are refused", async () => {
    const name = await created("unknown");
    const refused = (error: string) => ({ name: error, $metadata: { httpStatusCode: 400 } });
    await expect(disable("nobody")).rejects.toMatchObject(refused("PipelineNotFoundException"));
    await expect(disable(name, "Nowhere")).rejects.toMatchObject(refused("StageNotFoundException"));
    await expect(enable(name, "Nowhere")).rejects.toMatchObject(refused("StageNotFoundException"));
    await expect(
      codePipeline.disableStageTransition({
        pipelineName: name,
        stageName: "Stage1",
        transitionType: "Inbound",
        reason: "because/of",
      }),
    ).rejects.toMatchObject(refused("ValidationException"));
    await expect(enable(name, "Stage1", "Sideways" as "Inbound")).rejects.toMatchObject(refused("ValidationException"));
  });

  /** A pipeline whose first execution is over. */
  async function created(title: string, executionMode: "SUPERSEDED" | "PARALLEL" = "SUPERSEDED"): Promise<string> {
    const name = `${title}-${client.replaceAll(" ", "-")}`;
    await root.createPipeline({
      pipeline: pipeline(name, [lambdaAction("Call", "pass-on")], { pipelineType: "V2", executionMode }),
    });
    const { pipelineExecutionSummaries: [first] = [] } = await root.listPipelineExecutions({ pipelineName: name });
    await root.putJobSuccessResult({ jobId: (await bench.nextJob()).id });
    await bench.server.settled(first?.pipelineExecutionId);
    return name;
  }
});

/** Resolves when the source of an execution has succeeded. */
async function fetched(pipelineName: string, pipelineExecutionId: string | undefined): Promise<void> {
  for (;;) {
    const changed = bench.server.changed();
    const filter = { pipelineExecutionId };
    const { actionExecutionDetails: [fetch] = [] } = await root.listActionExecutions({ pipelineName, filter });
    if (fetch?.status === "Succeeded") return;
    await changed;
  }
}
