import { afterAll, beforeAll, expect, test } from "vitest";
import { askingPipeline } from "./testing/asking-pipeline.ts";
import { type Ground, get, startGround } from "./testing/ground.ts";

/*
 * Causes of actions that call no function: a source, and an approval that a person decides, or nobody.
 */

const DAY_MS = 24 * 60 * 60_000;

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.stop());

async function started(name: string, key = "source.zip"): Promise<string> {
  await ground.server.deployPipeline(askingPipeline(name, { key }));
  const execution = await ground.server.call("codepipeline", "StartPipelineExecution", { name });
  return (execution as { pipelineExecutionId: string }).pipelineExecutionId; // by the model
}

/** How one action of an execution stands. */
async function diagnosisOf(executionId: string, action: string) {
  const { actions } = (await get(ground.server, `executions/${executionId}`)) as unknown as {
    actions: readonly { action: { name: string }; diagnosis: object }[];
  }; // the server's own document
  return actions.find((one) => one.action.name === action)?.diagnosis;
}

/** Starts a pipeline that asks; resolves when it waits, with the token of the question. */
async function asked(name: string): Promise<{ readonly id: string; readonly token: string }> {
  const id = await started(name);
  await ground.told((entry) => entry.executionId === id && entry.type === "actionStarted" && entry.action === "Ask");
  const state = (await ground.server.call("codepipeline", "GetPipelineState", { name })) as {
    stageStates: readonly { actionStates: readonly { latestExecution?: { token?: string } }[] }[];
  }; // by the model
  return { id, token: state.stageStates[1]?.actionStates[0]?.latestExecution?.token ?? "" };
}

test("actionFailed: a source whose object is not there says so, and what to do", async () => {
  const id = await started("nothing-there", "nothing.zip");
  await ground.server.settled(id);
  expect(await diagnosisOf(id, "Fetch")).toMatchObject({
    state: "failed",
    cause: "actionFailed",
    sentence: expect.stringContaining("There is no object nothing.zip in the source bucket artifacts."),
  });
});

test("approvalRejected: who said no, and why", async () => {
  const { id, token } = await asked("refused");
  const result = { status: "Rejected", summary: "not today" };
  await ground.server.call("codepipeline", "PutApprovalResult", {
    ...{ pipelineName: "refused", stageName: "Ask", actionName: "Ask" },
    ...{ result, token },
  });
  await ground.server.settled(id);
  expect(await diagnosisOf(id, "Ask")).toMatchObject({
    cause: "approvalRejected",
    sentence: expect.stringMatching(/^Rejected by .*: not today\.$/),
    remedy: expect.stringContaining("RetryStageExecution"),
  });
});

test("approvalExpired: nobody decided in 7 days", async () => {
  const { id } = await asked("left-alone");
  await ground.server.advanceClock(7 * DAY_MS);
  await ground.server.settled(id);
  expect(await diagnosisOf(id, "Ask")).toMatchObject({
    cause: "approvalExpired",
    sentence: "Nobody approved or rejected it in time.",
    remedy: expect.stringContaining("7 days"),
  });
});

test("approvalOutdated: its pipeline was updated while it waited", async () => {
  const { id } = await asked("updated");
  const { pipeline } = (await ground.server.call("codepipeline", "GetPipeline", { name: "updated" })) as {
    pipeline: object;
  }; // by the model
  await ground.server.call("codepipeline", "UpdatePipeline", { pipeline });
  await ground.server.settled(id);
  expect(await diagnosisOf(id, "Ask")).toMatchObject({
    cause: "approvalOutdated",
    sentence: "Its pipeline was updated while it waited, which cancels the execution.",
    remedy: expect.stringContaining("Start the pipeline again"),
  });
});
