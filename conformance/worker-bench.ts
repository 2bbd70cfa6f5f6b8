import type {
  ActionDeclaration,
  ActionExecutionDetail,
  ActionState,
  ActionTypeId,
  CreateCustomActionTypeInput,
  Job,
  PipelineDeclaration,
  PollForJobsInput,
} from "@aws-sdk/client-codepipeline";
import type { ServerOptions } from "@penstock/server";
import { boto3 } from "./boto3.ts";
import type { Client } from "./client.ts";
import { BUCKET, layGround, PIPELINE_ROLE, sourceAction, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { type Penstock, startPenstock } from "./server.ts";

/*
 * A bench for actions whose jobs workers poll for: every test has an action type and a pipeline of its own, and is the
 * worker.
 */

export interface WorkerBench {
  readonly server: Penstock;
  /** As root: who has the rights is not what these tests are about. */
  readonly clients: readonly [javascript: Client, boto3: Client];
  /** Registers a custom type that nobody else has. */
  customType(more?: Partial<CreateCustomActionTypeInput>): Promise<ActionTypeId>;
  /** A provider's name that nobody else has. */
  newProvider(): string;
  /** The client of a partner's type, from the server's own page. */
  clientOf(actionTypeId: ActionTypeId): Promise<PartnerClient>;
  /** Creates a pipeline of one action of a type, `Work`, which starts it. */
  start(
    actionTypeId: ActionTypeId,
    more?: Partial<ActionDeclaration>,
    pipeline?: Partial<PipelineDeclaration>,
  ): Promise<Started>;
  /** Polls until there is a job. */
  poll(client: Client, input: PollForJobsInput): Promise<Job>;
  /** Resolves when the action of a pipeline has a job. */
  hasJob(started: Started): Promise<void>;
  /** The action execution, as the history shows it. */
  history(started: Started): Promise<ActionExecutionDetail>;
  /** The action as GetPipelineState shows it. */
  state(started: Started): Promise<ActionState>;
  /** The status of an execution, once nothing of it runs any more. */
  ended(started: Started): Promise<string | undefined>;
}

export interface PartnerClient {
  readonly actionType: string;
  readonly clientId: string;
  readonly clientToken: string;
}

export interface Started {
  readonly name: string;
  readonly executionId: string;
}

const NOTHING = { minimumCount: 0, maximumCount: 5 };

export async function openWorkerBench(options: Partial<ServerOptions> = {}): Promise<WorkerBench> {
  const server = await startPenstock(options);
  const client = javascript(server);
  const { codePipeline } = client;
  await layGround(client, await zipOf({ "readme.txt": "hello\n" }));
  let count = 0;
  const bench: WorkerBench = {
    server,
    clients: [client, boto3(server)],
    newProvider: () => `Worker-${++count}`,
    async customType(more = {}) {
      const { actionType } = await codePipeline.createCustomActionType({
        category: "Build",
        provider: bench.newProvider(),
        version: "1",
        inputArtifactDetails: NOTHING,
        outputArtifactDetails: NOTHING,
        ...more,
      });
      if (!actionType?.id) throw new Error("CreateCustomActionType answered no type.");
      return actionType.id;
    },
    async clientOf({ category, provider, version }) {
      const response = await fetch(`${server.url}/_penstock/clients`);
      const { clients } = (await response.json()) as { clients: PartnerClient[] }; // see inspector/clients.ts
      const found = clients.find(({ actionType }) => actionType === `ThirdParty/${category}/${provider}/${version}`);
      if (!found) throw new Error(`There is no client of ${provider}.`);
      return found;
    },
    async start(actionTypeId, more = {}, rest = {}) {
      const name = `pipeline-${++count}`;
      await codePipeline.createPipeline({ pipeline: { ...workPipeline(name, actionTypeId, more), ...rest } });
      const told = server.story.find(({ pipeline, type }) => pipeline === name && type === "executionStarted");
      if (!told) throw new Error(`Pipeline ${name} was not started.`);
      return { name, executionId: told.executionId };
    },
    async poll({ codePipeline: asked }, input) {
      for (;;) {
        const changed = server.changed();
        const [job] = (await asked.pollForJobs(input)).jobs ?? [];
        if (job) return job;
        await changed;
      }
    },
    async hasJob({ executionId }) {
      for (;;) {
        const changed = server.changed();
        if (server.story.some((entry) => entry.executionId === executionId && entry.type === "jobCreated")) return;
        await changed;
      }
    },
    async history({ name: pipelineName, executionId: pipelineExecutionId }) {
      const listed = await codePipeline.listActionExecutions({ pipelineName, filter: { pipelineExecutionId } });
      const found = listed.actionExecutionDetails?.find(({ actionName }) => actionName === "Work");
      if (!found) throw new Error(`Execution ${pipelineExecutionId} has not come to its action.`);
      return found;
    },
    async state({ name }) {
      const { stageStates } = await codePipeline.getPipelineState({ name });
      return stageStates?.at(-1)?.actionStates?.at(-1) ?? {};
    },
    async ended({ name: pipelineName, executionId: pipelineExecutionId }) {
      await server.settled(pipelineExecutionId);
      const found = await codePipeline.getPipelineExecution({ pipelineName, pipelineExecutionId });
      return found.pipelineExecution?.status;
    },
  };
  return bench;
}

/** A pipeline of an S3 source and one action of a type, which takes the source and puts out `Built`. */
export function workPipeline(
  name: string,
  actionTypeId: ActionTypeId,
  more: Partial<ActionDeclaration> = {},
): PipelineDeclaration {
  const work: ActionDeclaration = {
    name: "Work",
    actionTypeId,
    inputArtifacts: [{ name: "SourceZip" }],
    outputArtifacts: [{ name: "Built" }],
    ...more,
  };
  return {
    name,
    roleArn: PIPELINE_ROLE,
    artifactStore: { type: "S3", location: BUCKET },
    stages: [
      { name: "Source", actions: [sourceAction()] },
      { name: "Work", actions: [work] },
    ],
  };
}
