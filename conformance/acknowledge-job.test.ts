import { afterAll, describe, expect, test } from "vitest";
import { javascript } from "./javascript.ts";
import { openWorkerBench } from "./worker-bench.ts";

/*
 * A worker takes the job that it was handed.
 */

const bench = await openWorkerBench();
afterAll(bench.server.stop);

const MINUTE_MS = 60_000;
const UNKNOWN = "01234567-89ab-4cde-8f01-23456789abcd";

describe.each(bench.clients)("AcknowledgeJob by $name", (client) => {
  const { codePipeline } = client;

  async function handedOut() {
    const actionTypeId = await bench.customType();
    const started = await bench.start(actionTypeId);
    const { id: jobId, nonce } = await bench.poll(client, { actionTypeId });
    return { actionTypeId, started, jobId, nonce };
  }
  const refused = (jobId: string | undefined) => ({
    name: "InvalidNonceException",
    message: `The nonce is not valid for the job with id ${jobId}: another worker has it, or it is over. Poll for another job`,
    $metadata: { httpStatusCode: 400 },
  });

  test("answers InProgress to the worker that was handed the job", async () => {
    const { jobId, nonce } = await handedOut();
    expect((await codePipeline.acknowledgeJob({ jobId, nonce })).status).toBe("InProgress");
  });

  test("a worker with the nonce of one that has taken the job already is refused", async () => {
    const { jobId, nonce } = await handedOut();
    await codePipeline.acknowledgeJob({ jobId, nonce });
    await expect(codePipeline.acknowledgeJob({ jobId, nonce })).rejects.toMatchObject(refused(jobId));
  });

  test("a worker that was too late is refused once another one was handed the job, which then has it", async () => {
    const { actionTypeId, jobId, nonce } = await handedOut();
    await bench.server.advance(MINUTE_MS);
    const second = await bench.poll(client, { actionTypeId });
    await expect(codePipeline.acknowledgeJob({ jobId, nonce })).rejects.toMatchObject(refused(jobId));
    expect((await codePipeline.acknowledgeJob({ jobId, nonce: second.nonce })).status).toBe("InProgress");
  });

  test("a worker that is late is taken as long as nobody else was handed the job", async () => {
    const { jobId, nonce } = await handedOut();
    await bench.server.advance(10 * MINUTE_MS);
    expect((await codePipeline.acknowledgeJob({ jobId, nonce })).status).toBe("InProgress");
  });

  test("a nonce that nobody was given is refused, and leaves the job as it was", async () => {
    const { jobId, nonce } = await handedOut();
    await expect(codePipeline.acknowledgeJob({ jobId, nonce: "0" })).rejects.toMatchObject(refused(jobId));
    expect((await codePipeline.acknowledgeJob({ jobId, nonce })).status).toBe("InProgress");
  });

  test("a job whose execution was abandoned meanwhile is refused", async () => {
    const { started, jobId, nonce } = await handedOut();
    const { name: pipelineName, executionId: pipelineExecutionId } = started;
    await codePipeline.stopPipelineExecution({ pipelineName, pipelineExecutionId, abandon: true });
    await expect(codePipeline.acknowledgeJob({ jobId, nonce })).rejects.toMatchObject(refused(jobId));
  });

  test("an unknown id is no job, nor is the right one in another region", async () => {
    await expect(codePipeline.acknowledgeJob({ jobId: UNKNOWN, nonce: "1" })).rejects.toMatchObject({
      name: "JobNotFoundException",
      message: `Job with id '${UNKNOWN}' does not exist`,
    });
    const { jobId, nonce } = await handedOut();
    const elsewhere = javascript(bench.server, { region: "eu-west-1" }).codePipeline;
    await expect(elsewhere.acknowledgeJob({ jobId, nonce })).rejects.toMatchObject({ name: "JobNotFoundException" });
  });
});
