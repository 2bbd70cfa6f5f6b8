import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import { lambdaAction, layGround, pipeline, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

const server = await startPenstock();
afterAll(server.stop);
const clients = [javascript(server), boto3(server)] as const;
await layGround(clients[0], await zipOf({ "readme.txt": "hello\n" }));
await clients[0].codePipeline.createPipeline({ pipeline: pipeline("kept", [lambdaAction("First", "f")]) });
await clients[0].codePipeline.updatePipeline({ pipeline: pipeline("kept", [lambdaAction("Second", "f")]) });

describe.each(clients)("GetPipeline by $name", ({ codePipeline }) => {
  test("answers the current version with its metadata", async () => {
    const { pipeline: read, metadata } = await codePipeline.getPipeline({ name: "kept" });
    expect(read).toMatchObject({ name: "kept", version: 2, stages: [{}, { actions: [{ name: "Second" }] }] });
    expect(metadata).toEqual({
      pipelineArn: `arn:aws:codepipeline:us-east-1:${server.account}:kept`,
      created: expect.any(Date),
      updated: expect.any(Date),
    });
  });

  test("answers an earlier version as it was", async () => {
    const { pipeline: read } = await codePipeline.getPipeline({ name: "kept", version: 1 });
    expect(read).toMatchObject({ version: 1, stages: [{}, { actions: [{ name: "First" }] }] });
  });

  test("a version that never was is told by its own exception", async () => {
    await expect(codePipeline.getPipeline({ name: "kept", version: 3 })).rejects.toMatchObject({
      name: "PipelineVersionNotFoundException",
      $metadata: { httpStatusCode: 400 },
    });
    await expect(codePipeline.getPipeline({ name: "kept", version: 0 })).rejects.toMatchObject({
      name: "ValidationException",
      message:
        "1 validation error detected: Value at 'version' failed to satisfy constraint: Member must have value greater than or equal to 1",
    });
  });

  test("an unknown pipeline, and one of another region, is not found", async () => {
    const notFound = (name: string) => ({
      name: "PipelineNotFoundException",
      message: `Account '${server.account}' does not have a pipeline with name '${name}'`,
      $metadata: { httpStatusCode: 400 },
    });
    await expect(codePipeline.getPipeline({ name: "nobody" })).rejects.toMatchObject(notFound("nobody"));
    const elsewhere = javascript(server, { region: "eu-west-1" }).codePipeline;
    await expect(elsewhere.getPipeline({ name: "kept" })).rejects.toMatchObject(notFound("kept"));
  });
});
