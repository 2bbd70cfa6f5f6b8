import { afterAll, describe, expect, test } from "vitest";
import { openWorkerBench } from "./worker-bench.ts";

/*
 * A worker asks for jobs of a custom action type.
 */

const bench = await openWorkerBench();
afterAll(bench.server.stop);

const MINUTE_MS = 60_000;
const queryable = { name: "Project", required: true, key: true, secret: false, queryable: true };

describe.each(bench.clients)("PollForJobs by $name", (client) => {
  const { codePipeline } = client;

  test("hands out a job with a nonce, and with all that its worker needs", async () => {
    const actionTypeId = await bench.customType();
    const started = await bench.start(actionTypeId);
    const job = await bench.poll(client, { actionTypeId });
    const { actionExecutionId } = await bench.history(started);
    expect(job).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      accountId: bench.server.account,
      nonce: expect.stringMatching(/^.{1,50}$/),
      data: {
        actionTypeId,
        actionConfiguration: { configuration: {} },
        pipelineContext: {
          pipelineName: started.name,
          stage: { name: "Work" },
          action: { name: "Work", actionExecutionId },
          pipelineArn: `arn:aws:codepipeline:us-east-1:${bench.server.account}:${started.name}`,
          pipelineExecutionId: started.executionId,
        },
        inputArtifacts: [{ name: "SourceZip", revision: expect.any(String), location: expect.any(Object) }],
        outputArtifacts: [{ name: "Built", location: expect.any(Object) }],
        artifactCredentials: {
          accessKeyId: expect.any(String),
          secretAccessKey: expect.any(String),
          sessionToken: expect.any(String),
        },
      },
    });
  });

  test("a type without jobs answers none", async () => {
    expect((await codePipeline.pollForJobs({ actionTypeId: await bench.customType() })).jobs).toEqual([]);
  });

  test("a job that was handed out is not handed to a second worker, until a minute has passed without a word", async () => {
    const actionTypeId = await bench.customType();
    await bench.start(actionTypeId);
    const first = await bench.poll(client, { actionTypeId });
    expect((await codePipeline.pollForJobs({ actionTypeId })).jobs).toEqual([]);
    await bench.server.advance(MINUTE_MS);
    const second = await bench.poll(client, { actionTypeId });
    expect(second.id).toBe(first.id);
    expect(second.nonce).not.toBe(first.nonce);
  });

  test("a job that was acknowledged is never handed out again", async () => {
    const actionTypeId = await bench.customType();
    await bench.start(actionTypeId);
    const { id: jobId, nonce } = await bench.poll(client, { actionTypeId });
    await codePipeline.acknowledgeJob({ jobId, nonce });
    await bench.server.advance(60 * MINUTE_MS);
    expect((await codePipeline.pollForJobs({ actionTypeId })).jobs).toEqual([]);
  });

  test("a batch has at most as many jobs as were asked for, the oldest first, and one unless asked", async () => {
    const actionTypeId = await bench.customType();
    const pipelines: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      const started = await bench.start(actionTypeId);
      pipelines.push(started.name);
      await bench.hasJob(started);
    }
    const pipelineNames = async (maxBatchSize?: number) => {
      const { jobs = [] } = await codePipeline.pollForJobs({
        actionTypeId,
        ...(maxBatchSize !== undefined && { maxBatchSize }),
      });
      return jobs.map(({ data }) => data?.pipelineContext?.pipelineName);
    };
    expect(await pipelineNames()).toEqual(pipelines.slice(0, 1));
    expect(await pipelineNames(2)).toEqual(pipelines.slice(1, 3));
    expect(await pipelineNames(75)).toEqual(pipelines.slice(3));
  });

  test.each([
    ["a batch size of 0", { maxBatchSize: 0 }, /Value at 'maxBatchSize' .*greater than or equal to 1$/],
    ["two query parameters", { queryParam: { A: "1", B: "2" } }, /Value at 'queryParam' .*less than or equal to 1$/],
    ["51 characters of value", { queryParam: { A: "x".repeat(51) } }, /length less than or equal to 50/],
    ["a value with a space", { queryParam: { A: "a b" } }, /regular expression pattern: \[a-zA-Z0-9_-\]\+/],
  ])("%s is refused by the model's constraint", async (_, more, message) => {
    const actionTypeId = await bench.customType();
    await expect(codePipeline.pollForJobs({ actionTypeId, ...more })).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringMatching(message),
    });
  });

  test("of a type with a queryable property, a worker gets the jobs of the value that it asks for", async () => {
    const actionTypeId = await bench.customType({ configurationProperties: [queryable] });
    const one = await bench.start(actionTypeId, { configuration: { Project: "one" } });
    const two = await bench.start(actionTypeId, { configuration: { Project: "two" } });
    const nameOf = async (Project: string) =>
      (await bench.poll(client, { actionTypeId, queryParam: { Project } })).data?.pipelineContext?.pipelineName;
    expect(await nameOf("two")).toBe(two.name);
    expect(await nameOf("one")).toBe(one.name);
    expect((await codePipeline.pollForJobs({ actionTypeId, queryParam: { Project: "three" } })).jobs).toEqual([]);
  });

  test("a query is given for a type with a queryable property, and for no other", async () => {
    const asked = await bench.customType({ configurationProperties: [queryable] });
    await expect(codePipeline.pollForJobs({ actionTypeId: asked })).rejects.toMatchObject({
      name: "ValidationException",
      message: "The action type has the queryable property 'Project', so queryParam must have a value for it",
    });
    const plain = await bench.customType();
    await expect(
      codePipeline.pollForJobs({ actionTypeId: plain, queryParam: { Project: "one" } }),
    ).rejects.toMatchObject({
      name: "ValidationException",
      message: "The action type has no queryable property, so queryParam must be empty. It has: Project",
    });
  });

  test.each(["AWS", "ThirdParty"] as const)("the owner %s is refused by name", async (owner) => {
    const actionTypeId = { category: "Build", owner, provider: "CodeBuild", version: "1" } as const;
    await expect(codePipeline.pollForJobs({ actionTypeId })).rejects.toMatchObject({
      name: "ValidationException",
      message: `ActionType with owner '${owner}' is not supported`,
    });
  });

  test("a type that is not there is told with all its parts, and so is another version of one that is", async () => {
    const known = await bench.customType();
    for (const actionTypeId of [
      { ...known, provider: "X" },
      { ...known, version: "2" },
    ]) {
      await expect(codePipeline.pollForJobs({ actionTypeId })).rejects.toMatchObject({
        name: "ActionTypeNotFoundException",
        message: `ActionType (Category: 'Build', Owner: 'Custom', Provider: '${actionTypeId.provider}', Version: '${actionTypeId.version}') is not available`,
      });
    }
  });

  test("a job whose execution was abandoned while it waited is handed to nobody", async () => {
    const actionTypeId = await bench.customType();
    const started = await bench.start(actionTypeId);
    const { name: pipelineName, executionId: pipelineExecutionId } = started;
    await bench.hasJob(started);
    await codePipeline.stopPipelineExecution({ pipelineName, pipelineExecutionId, abandon: true });
    expect((await codePipeline.pollForJobs({ actionTypeId })).jobs).toEqual([]);
  });

  test("a job whose pipeline was deleted while it waited is handed to nobody", async () => {
    const actionTypeId = await bench.customType();
    const started = await bench.start(actionTypeId);
    await bench.hasJob(started);
    await codePipeline.deletePipeline({ name: started.name });
    expect((await codePipeline.pollForJobs({ actionTypeId })).jobs).toEqual([]);
  });
});
