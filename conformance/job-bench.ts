import type { ActionExecutionDetail } from "@aws-sdk/client-codepipeline";
import type { ServerOptions } from "@penstock/server";
import { boto3 } from "./boto3.ts";
import type { Client } from "./client.ts";
import { lambdaAction, layGround, pipeline, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { openMailbox, type ReceivedJob } from "./mailbox.ts";
import { type Penstock, startPenstock } from "./server.ts";

/*
 * A bench for the rules of jobs: a pipeline whose executions do not wait for each other, of one action that passes
 * its job on to the test.
 */

export interface JobBench {
  readonly server: Penstock;
  /** As root: who has the rights is not what these tests are about. */
  readonly clients: readonly [javascript: Client, boto3: Client];
  /** Starts an execution and answers its job, once the function has it. */
  startJob(): Promise<StartedJob>;
  /** The next job that comes in, of whatever execution. */
  nextJob(): Promise<ReceivedJob>;
  nextEvent(): Promise<object>;
  /** The action execution of a job's execution, as the history shows it. */
  history(executionId: string): Promise<ActionExecutionDetail>;
  /** The status of an execution, once nothing of it runs any more. */
  ended(executionId: string): Promise<string | undefined>;
}

export interface StartedJob {
  readonly executionId: string;
  readonly job: ReceivedJob;
}

/** The name of the bench's pipeline. */
export const JOBS = "jobs-of-one-action";

export async function openJobBench(options: Partial<ServerOptions> = {}): Promise<JobBench> {
  const server = await startPenstock({ unreported: "wait", ...options });
  const client = javascript(server);
  const { codePipeline } = client;
  await layGround(client, await zipOf({ "readme.txt": "hello\n" }));
  const { nextJob, nextEvent } = await openMailbox(client, server);
  const artifacts = { inputArtifacts: [{ name: "SourceZip" }], outputArtifacts: [{ name: "ProducedZip" }] };
  const call = lambdaAction("Call", "pass-on", { ...artifacts, configuration: { UserParameters: "any string" } });
  await codePipeline.createPipeline({
    pipeline: pipeline(JOBS, [call], { pipelineType: "V2", executionMode: "PARALLEL" }),
  });
  await nextJob(); // of the execution that its creation started
  return {
    server,
    clients: [client, boto3(server)],
    nextJob,
    nextEvent,
    async startJob() {
      const { pipelineExecutionId: executionId = "" } = await codePipeline.startPipelineExecution({ name: JOBS });
      return { executionId, job: await nextJob() };
    },
    async history(pipelineExecutionId) {
      const listed = await codePipeline.listActionExecutions({ pipelineName: JOBS, filter: { pipelineExecutionId } });
      const [newest] = listed.actionExecutionDetails ?? [];
      if (newest?.actionName !== "Call")
        throw new Error(`Execution ${pipelineExecutionId} has not come to its function.`);
      return newest;
    },
    async ended(pipelineExecutionId) {
      await server.settled(pipelineExecutionId);
      const { pipelineExecution } = await codePipeline.getPipelineExecution({
        pipelineName: JOBS,
        pipelineExecutionId,
      });
      return pipelineExecution?.status;
    },
  };
}
