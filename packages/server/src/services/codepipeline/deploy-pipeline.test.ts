import { afterAll, beforeAll, expect, test } from "vitest";
import { askingPipeline } from "../../why/testing/asking-pipeline.ts";
import { type Ground, startGround } from "../../why/testing/ground.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.stop());

const pipeline = (approval: object) => askingPipeline("asks", { approval });

/** The execution's status and the pipeline's version. */
async function standing(pipelineExecutionId: string): Promise<readonly [status: string, version: number]> {
  const { call } = ground.server;
  const { pipelineExecution } = (await call("codepipeline", "GetPipelineExecution", {
    pipelineName: "asks",
    pipelineExecutionId,
  })) as { pipelineExecution: { status: string } }; // by the model
  const { pipeline: read } = (await call("codepipeline", "GetPipeline", { name: "asks" })) as {
    pipeline: { version: number };
  }; // by the model
  return [pipelineExecution.status, read.version];
}

test("what is deployed again as it is goes on as it was; what is changed cancels what is in flight", async () => {
  await ground.server.deployPipeline(pipeline({}));
  const { pipelineExecutionId: id } = (await ground.server.call("codepipeline", "StartPipelineExecution", {
    name: "asks",
  })) as { pipelineExecutionId: string }; // by the model
  await ground.told((entry) => entry.executionId === id && entry.type === "approvalNeeded");
  await ground.server.deployPipeline(pipeline({}));
  expect(await standing(id)).toEqual(["InProgress", 1]);
  await ground.server.deployPipeline(pipeline({ timeoutInMinutes: 10 }));
  expect(await standing(id)).toEqual(["Cancelled", 2]);
});
