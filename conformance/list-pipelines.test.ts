import { paginateListPipelines } from "@aws-sdk/client-codepipeline";
import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import { lambdaAction, layGround, pipeline, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

const server = await startPenstock();
afterAll(server.stop);
const clients = [javascript(server), boto3(server)] as const;
await layGround(clients[0], await zipOf({ "readme.txt": "hello\n" }));
for (const name of ["c", "a", "e", "b", "d"]) {
  const more = name === "b" ? ({ pipelineType: "V2", executionMode: "QUEUED" } as const) : {};
  await clients[0].codePipeline.createPipeline({ pipeline: pipeline(name, [lambdaAction("Call", "f")], more) });
}
await clients[0].codePipeline.updatePipeline({ pipeline: pipeline("a", [lambdaAction("Call", "g")]) });

describe.each(clients)("ListPipelines by $name", ({ codePipeline }) => {
  test("tells name, version, type, mode and times of each", async () => {
    const { pipelines, nextToken } = await codePipeline.listPipelines({});
    const times = { created: expect.any(Date), updated: expect.any(Date) };
    expect(pipelines).toHaveLength(5);
    expect(pipelines).toEqual(
      expect.arrayContaining([
        { name: "a", version: 2, pipelineType: "V1", executionMode: "SUPERSEDED", ...times },
        { name: "b", version: 1, pipelineType: "V2", executionMode: "QUEUED", ...times },
      ]),
    );
    expect(nextToken).toBeUndefined();
  });

  test("gives as many as asked for, and each once over all pages", async () => {
    const sizes: number[] = [];
    const names: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await codePipeline.listPipelines({ maxResults: 2, ...(nextToken !== undefined && { nextToken }) });
      sizes.push(page.pipelines?.length ?? 0);
      names.push(...(page.pipelines ?? []).map(({ name }) => name));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(sizes).toEqual([2, 2, 1]);
    expect(names.sort()).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("a page that holds exactly what is left is the last", async () => {
    expect(await codePipeline.listPipelines({ maxResults: 5 })).not.toHaveProperty("nextToken");
  });

  test.each([
    ["garbage", "garbage"],
    ["the token of another list", Buffer.from('["executions",3]').toString("base64url")],
  ])("%s is no token", async (_, nextToken) => {
    await expect(codePipeline.listPipelines({ nextToken })).rejects.toMatchObject({
      name: "InvalidNextTokenException",
      $metadata: { httpStatusCode: 400 },
    });
  });

  test.each([
    [0, "greater than or equal to 1"],
    [1001, "less than or equal to 1000"],
  ])("%i is no size of a page", async (maxResults, rule) => {
    await expect(codePipeline.listPipelines({ maxResults })).rejects.toMatchObject({
      name: "ValidationException",
      message: `1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value ${rule}`,
    });
  });
});

test("the SDK's paginator walks all pages", async () => {
  const names: (string | undefined)[] = [];
  for await (const page of paginateListPipelines({ client: clients[0].codePipeline, pageSize: 2 }, {})) {
    names.push(...(page.pipelines ?? []).map(({ name }) => name));
  }
  expect(names.sort()).toEqual(["a", "b", "c", "d", "e"]);
});

test("another region has pipelines of its own", async () => {
  const { pipelines } = await javascript(server, { region: "eu-west-1" }).codePipeline.listPipelines({});
  expect(pipelines).toEqual([]);
});
