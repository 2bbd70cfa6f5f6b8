import { type ActionWork, fillUrlTemplate, type NormalisedAction, type PipelineState } from "@penstock/pipeline";
import { workOf } from "../../engine/registered-types.ts";
import { closedStages, transitionsOf } from "../../engine/set-transition.ts";
import { type ActionInput, type ActionOutput, findLatestActionExecution } from "../../store/action-execution.ts";
import { findLatestStageExecution } from "../../store/execution.ts";
import {
  findPipelineState,
  listPipelineStates,
  type PipelineTable,
  type StageTransition,
} from "../../store/pipeline.ts";
import { onPipeline } from "./access.ts";
import { type CodePipeline, served } from "./context.ts";
import { currentDeclaration, requirePipeline } from "./find.ts";
import type {
  ActionExecution,
  ActionExecutionStatus,
  ActionState,
  RetryTrigger,
  StageExecutionStatus,
  StageState,
  TransitionState,
} from "./shapes.generated.ts";

/**
 * Answers the state of every stage and action: for each, its latest execution. Stages may show different
 * executions. An action that never ran has a name and nothing else.
 *
 * Errors: `PipelineNotFoundException`. Source: reference §5.5, §12.
 */
export const getPipelineState = served({
  name: "GetPipelineState",
  access: ({ name }, _, call) => onPipeline("GetPipelineState", name, call),
  async run({ name }, context, call) {
    const pipeline = await requirePipeline(name, context, call);
    const { stages } = await currentDeclaration(pipeline, context);
    const waiting = await waitingByStage(pipeline, context);
    const stageStates: StageState[] = [];
    const transitions = new Map(transitionsOf(pipeline).map((transition) => [transition.stage, transition]));
    for (const stage of stages) {
      const state = await stageState(pipeline, stage, waiting, context);
      stageStates.push({ ...state, inboundTransitionState: transitionState(transitions.get(stage.name)) });
    }
    return {
      pipelineName: name,
      pipelineVersion: pipeline.version,
      stageStates,
      created: pipeline.created_at,
      updated: pipeline.updated_at,
    };
  },
});

async function waitingByStage(pipeline: PipelineTable, { store }: CodePipeline): Promise<Map<string, string[]>> {
  const { arn } = pipeline;
  // Executions of PARALLEL mode, which have states of their own, wait only before a closed stage.
  const isClosed = closedStages(pipeline).length > 0;
  const own = await store.read.first(findPipelineState, { id: arn });
  const parallel = isClosed ? await store.read.all(listPipelineStates, { from: `${arn}/`, to: `${arn}0` }) : [];
  const states = [...(own ? [own] : []), ...parallel].map(({ state }) => JSON.parse(state) as PipelineState); // we wrote it
  const waiting = states.flatMap(({ executions }) => executions).filter(({ entered }) => !entered);
  const byStage = Map.groupBy(waiting, ({ structure, stage }) => structure.stages[stage]?.name ?? "");
  return new Map([...byStage].map(([stage, executions]) => [stage, executions.map(({ id }) => id)]));
}

async function stageState(
  pipeline: PipelineTable,
  stage: { readonly name: string; readonly actions: readonly NormalisedAction[] },
  waiting: Map<string, string[]>,
  context: CodePipeline,
): Promise<StageState> {
  const latest = await context.store.read.first(findLatestStageExecution, {
    pipeline: pipeline.arn,
    stage: stage.name,
  });
  const actionStates: ActionState[] = [];
  for (const action of stage.actions) actionStates.push(await actionState(pipeline, stage.name, action, context));
  const inbound = (waiting.get(stage.name) ?? []).map((id) => ({
    pipelineExecutionId: id,
    status: "InProgress" as const,
  }));
  const newest = inbound.at(-1);
  return {
    stageName: stage.name,
    ...(newest && { inboundExecution: newest }),
    inboundExecutions: inbound,
    actionStates,
    ...(latest && {
      // The column holds nothing else.
      latestExecution: { pipelineExecutionId: latest.execution_id, status: latest.status as StageExecutionStatus },
      ...retriesOf(latest),
    }),
  };
}

/** Source: reference §10.5, observed for a retry by hand; the automatic one after the model. */
function retriesOf(latest: {
  readonly manual_retries: number;
  readonly automatic_retries: number;
  readonly last_retry: string | null;
}): Pick<StageState, "retryStageMetadata"> {
  if (latest.last_retry === null) return {};
  return {
    retryStageMetadata: {
      ...(latest.automatic_retries > 0 && { autoStageRetryAttempt: latest.automatic_retries }),
      ...(latest.manual_retries > 0 && { manualStageRetryAttempt: latest.manual_retries }),
      latestRetryTrigger: latest.last_retry as RetryTrigger, // the column holds nothing else
    },
  };
}

function transitionState(transition: StageTransition | undefined): TransitionState {
  if (!transition) return { enabled: true };
  const { enabled, changedBy, changedAt, reason } = transition;
  return {
    enabled,
    lastChangedBy: changedBy,
    lastChangedAt: changedAt,
    ...(reason !== undefined && { disabledReason: reason }),
  };
}

async function actionState(
  pipeline: PipelineTable,
  stage: string,
  action: NormalisedAction,
  { store }: CodePipeline,
): Promise<ActionState> {
  const place = { pipeline: pipeline.arn, stage, action: action.name };
  const row = await store.read.first(findLatestActionExecution, place);
  const input = row && (JSON.parse(row.input) as ActionInput); // we wrote it
  const work = input?.work ?? (await workOf(store.read, pipeline, action.actionTypeId));
  const named = {
    actionName: action.name,
    ...linksOf(action, work, input?.resolvedConfiguration ?? action.configuration, pipeline.region),
  };
  if (!row) return named;
  const output = JSON.parse(row.output) as ActionOutput; // we wrote it
  return {
    ...named,
    ...revisionOf(output, row.updated_at),
    latestExecution: latestExecution(row, output, action.actionTypeId.category === "Approval"),
  };
}

/** A worker tells of its revision in full, a source of ours knows an id. */
function revisionOf(
  { currentRevision, revisionId }: ActionOutput,
  updatedAt: number,
): Pick<ActionState, "currentRevision"> {
  if (currentRevision) {
    const { revision, changeIdentifier, created = updatedAt } = currentRevision;
    return { currentRevision: { revisionId: revision, revisionChangeId: changeIdentifier, created } };
  }
  if (revisionId === undefined) return {};
  return { currentRevision: { revisionId, revisionChangeId: revisionId, created: updatedAt } };
}

/** An approval has a token while it waits, and no error however it ended (reference §14). */
function latestExecution(
  row: { readonly id: string; readonly status: string; readonly updated_at: number },
  output: ActionOutput,
  isApproval: boolean,
): ActionExecution {
  return {
    actionExecutionId: row.id,
    status: row.status as ActionExecutionStatus, // the column holds nothing else
    ...(output.summary !== undefined && { summary: output.summary }),
    lastStatusChange: row.updated_at,
    ...(output.updatedBy !== undefined && { lastUpdatedBy: output.updatedBy }),
    ...(output.externalExecutionId !== undefined && { externalExecutionId: output.externalExecutionId }),
    ...(output.externalExecutionUrl !== undefined && { externalExecutionUrl: output.externalExecutionUrl }),
    ...(output.percentComplete !== undefined && { percentComplete: output.percentComplete }),
    ...(isApproval && row.status === "InProgress" && { token: row.id }),
    ...(output.error && !isApproval && { errorDetails: output.error }),
  };
}

/** Source: reference §5.5 for Lambda, §12 for S3, observed; user guide, "Create a custom action", for registered types. */
function linksOf(
  { actionTypeId: { provider, category } }: NormalisedAction,
  work: ActionWork | undefined,
  configuration: Readonly<Record<string, string>>,
  region: string,
): Pick<ActionState, "entityUrl" | "revisionUrl"> {
  if (work) {
    const entityUrl = work.entityUrlTemplate && fillUrlTemplate(work.entityUrlTemplate, configuration);
    const revisionUrl = work.revisionUrlTemplate && fillUrlTemplate(work.revisionUrlTemplate, configuration);
    return { ...(entityUrl && { entityUrl }), ...(revisionUrl && { revisionUrl }) };
  }
  if (provider === "Lambda") {
    const name = configuration["FunctionName"] ?? "";
    return { entityUrl: `https://console.aws.amazon.com/lambda/home?region=${region}#/functions/${name}` };
  }
  if (provider === "S3" && category === "Deploy") {
    const bucket = configuration["BucketName"] ?? "";
    return { entityUrl: `https://console.aws.amazon.com/s3/buckets/${bucket}/?region=${region}&tab=overview` };
  }
  if (provider !== "S3" || category !== "Source") return {};
  return { entityUrl: `https://console.aws.amazon.com/s3/home?region=${region}#` };
}
