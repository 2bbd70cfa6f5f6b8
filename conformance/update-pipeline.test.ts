import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import { createRole, lambdaAction, layGround, PIPELINE_ROLE, pipeline, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

const server = await startPenstock();
afterAll(server.stop);
const clients = [javascript(server), boto3(server)] as const;
await layGround(clients[0], await zipOf({ "readme.txt": "hello\n" }));
await createRole(clients[0], "for-lambda", "lambda.amazonaws.com");

describe.each(clients)("UpdatePipeline by $name", (client) => {
  const { codePipeline } = client;
  const prefix = client.name.replaceAll(" ", "-");
  const before = lambdaAction("Before", "f");
  const after = lambdaAction("After", "f");

  async function create(name: string): Promise<string> {
    await codePipeline.createPipeline({ pipeline: pipeline(`${prefix}-${name}`, [before]) });
    return `${prefix}-${name}`;
  }

  test("counts the version up, echoes like the creation, and starts nothing", async () => {
    const name = await create("counts");
    const { pipeline: echoed } = await codePipeline.updatePipeline({ pipeline: pipeline(name, [after]) });
    expect(echoed).toMatchObject({
      version: 2,
      pipelineType: "V1",
      stages: [{}, { actions: [{ name: "After", runOrder: 1, inputArtifacts: [] }] }],
    });
    const read = await codePipeline.getPipeline({ name });
    expect(read.pipeline).toEqual(echoed);
    expect(read.metadata?.updated?.getTime()).toBeGreaterThanOrEqual(read.metadata?.created?.getTime() ?? Number.NaN);
    const { pipelineExecutionSummaries } = await codePipeline.listPipelineExecutions({ pipelineName: name });
    expect(pipelineExecutionSummaries).toHaveLength(1);
  });

  test("takes back what GetPipeline answered, version and all", async () => {
    const name = await create("back");
    const { pipeline: read } = await codePipeline.getPipeline({ name });
    const { pipeline: echoed } = await codePipeline.updatePipeline({ pipeline: read });
    expect(echoed).toEqual({ ...read, version: 2 });
  });

  test("what it refuses leaves the pipeline as it was", async () => {
    const name = await create("stays");
    await expect(codePipeline.updatePipeline({ pipeline: pipeline(name, []) })).rejects.toMatchObject({
      name: "InvalidStructureException",
      message: "Pipeline has only 1 stage(s). There should be a minimum of 2 stages in a pipeline",
    });
    const roleArn = PIPELINE_ROLE.replace("pipeline", "for-lambda");
    await expect(codePipeline.updatePipeline({ pipeline: pipeline(name, [after], { roleArn }) })).rejects.toMatchObject(
      {
        name: "InvalidStructureException",
        message: `CodePipeline is not authorized to perform AssumeRole on role ${roleArn}`,
      },
    );
    expect((await codePipeline.getPipeline({ name })).pipeline).toMatchObject({
      version: 1,
      stages: [{}, { actions: [{ name: "Before" }] }],
    });
  });

  test("an unknown pipeline is not created", async () => {
    const name = `${prefix}-unknown`;
    await expect(codePipeline.updatePipeline({ pipeline: pipeline(name, [after]) })).rejects.toMatchObject({
      name: "PipelineNotFoundException",
    });
    await expect(codePipeline.getPipeline({ name })).rejects.toMatchObject({ name: "PipelineNotFoundException" });
  });
});
