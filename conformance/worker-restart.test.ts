import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ActionTypeId } from "@aws-sdk/client-codepipeline";
import { expect, onTestFinished, test } from "vitest";
import { askingFunction } from "./asked.ts";
import { javascript } from "./javascript.ts";
import { startPenstock } from "./server.ts";
import { openWorkerBench, type WorkerBench } from "./worker-bench.ts";

/*
 * Jobs of workers outlive the server: what was handed out, taken or continued before a restart is so after it.
 */

/** A bench whose server can be started again on the same data. */
async function openTwice() {
  const dataDir = mkdtempSync(join(tmpdir(), "penstock-restart-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const bench = await openWorkerBench({ dataDir });
  return {
    bench,
    async restart() {
      await bench.server.stop();
      const server = await startPenstock({ dataDir });
      onTestFinished(server.stop);
      return { server, ...javascript(server) };
    },
  };
}

const counts = { minimumCount: 0, maximumCount: 1 };

async function takenJob(bench: WorkerBench) {
  const [client] = bench.clients;
  const actionTypeId = await bench.customType();
  const started = await bench.start(actionTypeId);
  const { id: jobId = "", nonce } = await bench.poll(client, { actionTypeId });
  return { actionTypeId, started, jobId, nonce };
}

test("a job that waits is handed out after a restart, and one that was handed out is acknowledged by its nonce", async () => {
  const { bench, restart } = await openTwice();
  const actionTypeId = await bench.customType();
  await bench.hasJob(await bench.start(actionTypeId));
  const handedOut = await takenJob(bench);
  const { codePipeline } = await restart();
  const { jobs = [] } = await codePipeline.pollForJobs({ actionTypeId });
  expect(jobs).toHaveLength(1);
  const { jobId, nonce } = handedOut;
  expect((await codePipeline.acknowledgeJob({ jobId, nonce })).status).toBe("InProgress");
});

test("a job that was taken belongs to its worker after a restart: nobody else gets it, and its result counts", async () => {
  const { bench, restart } = await openTwice();
  const { actionTypeId, started, jobId, nonce } = await takenJob(bench);
  await bench.clients[0].codePipeline.acknowledgeJob({ jobId, nonce });
  const { server, codePipeline } = await restart();
  expect((await codePipeline.pollForJobs({ actionTypeId })).jobs).toEqual([]);
  await codePipeline.putJobSuccessResult({ jobId, continuationToken: "more" });
  const { jobs = [] } = await codePipeline.pollForJobs({ actionTypeId });
  expect(jobs[0]?.data?.continuationToken).toBe("more");
  await codePipeline.putJobSuccessResult({ jobId: jobs[0]?.id });
  await server.settled(started.executionId);
  const { name: pipelineName, executionId: pipelineExecutionId } = started;
  const found = await codePipeline.getPipelineExecution({ pipelineName, pipelineExecutionId });
  expect(found.pipelineExecution?.status).toBe("Succeeded");
});

test("the 24 hours of a job go on over a restart", async () => {
  const { bench, restart } = await openTwice();
  const { started } = await takenJob(bench);
  const { server, codePipeline } = await restart();
  await server.advance(24 * 3_600_000);
  await server.settled(started.executionId);
  const { name: pipelineName, executionId: pipelineExecutionId } = started;
  const found = await codePipeline.getPipelineExecution({ pipelineName, pipelineExecutionId });
  expect(found.pipelineExecution?.status).toBe("Failed");
});

test("a partner's function that was at work is called again after a restart, with the same job", async () => {
  const { bench, restart } = await openTwice();
  const [root] = bench.clients;
  // What waits for the function's calls has to stay when the first server goes.
  const lasting = { ...bench.server, own: (end: () => unknown) => onTestFinished(() => void end()) };
  const partner = await askingFunction<{ readonly jobId: string }>(root, lasting, "partner");
  await root.lambda.addPermission({
    FunctionName: "partner",
    StatementId: "codepipeline",
    Action: "lambda:InvokeFunction",
    Principal: "codepipeline.amazonaws.com",
  });
  const id: ActionTypeId = { category: "Test", owner: "ThirdParty", provider: "Partner", version: "1" };
  const lambdaFunctionArn = `arn:aws:lambda:us-east-1:${bench.server.account}:function:partner`;
  const configuration = { lambdaExecutorConfiguration: { lambdaFunctionArn } };
  await root.codePipeline.updateActionType({
    actionType: {
      id,
      executor: { type: "Lambda", configuration },
      inputArtifactDetails: counts,
      outputArtifactDetails: counts,
    },
  });
  const started = await bench.start(id);
  const first = await partner.nextCall();
  const { server, codePipeline } = await restart();
  const second = await partner.nextCall();
  expect(second.event.jobId).toBe(first.event.jobId);
  second.answer({ result: "success" });
  await server.settled(started.executionId);
  const { name: pipelineName, executionId: pipelineExecutionId } = started;
  const found = await codePipeline.getPipelineExecution({ pipelineName, pipelineExecutionId });
  expect(found.pipelineExecution?.status).toBe("Succeeded");
});
