import { afterAll, describe, expect, test } from "vitest";
import { boto3 } from "./boto3.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";

const server = await startPenstock({ throttling: "aws" });
const free = await startPenstock();
afterAll(server.stop);
afterAll(free.stop);
const clients = [javascript(server), boto3(server)] as const;
/** More than are taken at once, and than come free while they are made. */
const MANY = 100;
const LIMITED = { name: "ThrottlingException", message: "Rate exceeded", $metadata: { httpStatusCode: 400 } };

describe.each(clients)("Requests that come too fast, by $name", ({ codePipeline }) => {
  test("are refused with ThrottlingException once some 20 were taken, and taken again a moment later", async () => {
    await server.advance(60_000);
    let taken = 0;
    const all = async () => {
      for (; taken < MANY; taken += 1) await codePipeline.listPipelines({});
    };
    await expect(all()).rejects.toMatchObject(LIMITED);
    expect(taken).toBeGreaterThanOrEqual(20);
    await server.advance(1000);
    await codePipeline.listPipelines({});
  });

  test("count for each operation by itself, and for each region", async () => {
    await server.advance(60_000);
    const all = async () => {
      for (let count = 0; count < MANY; count += 1) await codePipeline.listPipelines({});
    };
    await expect(all()).rejects.toMatchObject(LIMITED);
    await expect(codePipeline.getPipeline({ name: "nobody" })).rejects.toMatchObject({
      name: "PipelineNotFoundException",
    });
    await javascript(server, { region: "eu-west-1" }).codePipeline.listPipelines({});
  });

  test("are taken, however many, where nobody asked for a limit", async () => {
    const { codePipeline: unlimited } = javascript(free);
    for (let count = 0; count < MANY; count += 1) await unlimited.listPipelines({});
  });
});
