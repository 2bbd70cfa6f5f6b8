import { afterAll, describe, expect, test } from "vitest";
import { openJobBench } from "./job-bench.ts";

/*
 * A success with a continuation token, fact by fact: what the next job has in common with the one before it.
 */

const bench = await openJobBench();
afterAll(bench.server.stop);

describe.each(bench.clients)("Continuation by $name", ({ codePipeline }) => {
  /** A job that has continued, and the one after it. */
  async function continued(continuationToken = "more") {
    const { executionId, job } = await bench.startJob();
    await codePipeline.putJobSuccessResult({ jobId: job.id, continuationToken });
    return { executionId, job, next: await bench.nextJob() };
  }
  const placeOf = async (jobId: string) =>
    (await codePipeline.getJobDetails({ jobId })).jobDetails?.data?.pipelineContext;

  test("the next job has a new id and carries the token", async () => {
    const { job, next } = await continued("page 2 of 3");
    expect(next.id).not.toBe(job.id);
    expect(next.data.continuationToken).toBe("page 2 of 3");
  });

  test("a token that is JSON text comes back as it was", async () => {
    const token = '{"previous_job_id": "é",\n "list": [1, 2.0, "\\u00e9"]}';
    expect((await continued(token)).next.data.continuationToken).toBe(token);
  });

  test("the next job belongs to the same action execution", async () => {
    const { job, next } = await continued();
    expect((await placeOf(next.id))?.action?.actionExecutionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await placeOf(next.id)).toEqual(await placeOf(job.id));
  });

  test("the next job has the same input places", async () => {
    const { job, next } = await continued();
    expect(next.data.inputArtifacts).toEqual(job.data.inputArtifacts);
  });

  test("the next job has the same reserved output places", async () => {
    const { job, next } = await continued();
    expect(next.data.outputArtifacts).toEqual(job.data.outputArtifacts);
  });

  test("the next job has credentials of its own", async () => {
    const { job, next } = await continued();
    expect(next.data.artifactCredentials.sessionToken).not.toBe(job.data.artifactCredentials.sessionToken);
  });

  test("while jobs continue the action is in progress; the result without a token ends it", async () => {
    const { executionId, next } = await continued();
    expect((await bench.history(executionId)).status).toBe("InProgress");
    await codePipeline.putJobSuccessResult({ jobId: next.id });
    expect(await bench.ended(executionId)).toBe("Succeeded");
    expect((await bench.history(executionId)).status).toBe("Succeeded");
  });
});
