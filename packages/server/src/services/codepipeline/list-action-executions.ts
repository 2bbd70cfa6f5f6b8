import { shownConfiguration } from "../../engine/registered-types.ts";
import {
  type ActionExecutionRow,
  type ActionInput,
  type ActionOutput,
  type ArtifactLocation,
  pageActionsOfExecution,
  pageActionsOfPipeline,
} from "../../store/action-execution.ts";
import { onPipeline } from "./access.ts";
import { served } from "./context.ts";
import { requireExecution, requirePipeline } from "./find.ts";
import { fromNextToken, PAGE_COUNT_DEFAULT, toNextToken, toPage } from "./page.ts";
import type {
  ActionExecutionDetail,
  ActionExecutionInput,
  ActionExecutionOutput,
  ActionExecutionResult,
  ActionExecutionStatus,
} from "./shapes.generated.ts";

/**
 * Lists action executions, newest first, of a pipeline or of one execution.
 *
 * Errors: `PipelineNotFoundException`, `PipelineExecutionNotFoundException`, `InvalidNextTokenException`.
 * Source: reference §5.5, §12.
 */
export const listActionExecutions = served({
  name: "ListActionExecutions",
  access: ({ pipelineName }, _, call) => onPipeline("ListActionExecutions", pipelineName, call),
  async run({ pipelineName, filter, maxResults = PAGE_COUNT_DEFAULT, nextToken }, context, call) {
    const pipeline = await requirePipeline(pipelineName, context, call);
    const asked = [filter?.pipelineExecutionId, filter?.latestInPipelineExecution?.pipelineExecutionId];
    const executions = new Set(asked.filter((id) => id !== undefined));
    const before = fromNextToken("actions", nextToken, Number.MAX_SAFE_INTEGER);
    const limit = maxResults + 1;
    for (const id of executions) await requireExecution(pipeline, id, context);
    if (executions.size > 1) return { actionExecutionDetails: [] }; // both filters must hold, and no action is of two executions
    const [execution] = executions;
    const rows =
      execution === undefined
        ? await context.store.read.all(pageActionsOfPipeline, { pipeline: pipeline.arn, before, limit })
        : await context.store.read.all(pageActionsOfExecution, { execution_id: execution, before, limit });
    const { page, next } = toPage(rows, maxResults, ({ seq }) => toNextToken("actions", seq));
    return { actionExecutionDetails: page.map(describe), ...next };
  },
});

function describe(row: ActionExecutionRow): ActionExecutionDetail {
  const input = JSON.parse(row.input) as ActionInput; // we wrote both
  const output = JSON.parse(row.output) as ActionOutput;
  return {
    pipelineExecutionId: row.execution_id,
    actionExecutionId: row.id,
    pipelineVersion: row.pipeline_version,
    stageName: row.stage,
    actionName: row.action,
    startTime: row.started_at,
    lastUpdateTime: row.updated_at,
    ...(output.updatedBy !== undefined && { updatedBy: output.updatedBy }),
    status: row.status as ActionExecutionStatus, // the column holds nothing else
    input: inputOf(input),
    output: outputOf(output),
  };
}

function inputOf(input: ActionInput): ActionExecutionInput {
  return {
    actionTypeId: input.actionTypeId as NonNullable<ActionExecutionInput["actionTypeId"]>, // CreatePipeline checked it
    configuration: shownConfiguration(input.configuration, input),
    resolvedConfiguration: shownConfiguration(input.resolvedConfiguration, input),
    ...(input.roleArn !== undefined && { roleArn: input.roleArn }),
    region: input.region,
    inputArtifacts: input.inputArtifacts.map(artifactDetail),
    ...(input.namespace !== undefined && { namespace: input.namespace }),
  };
}

function outputOf(output: ActionOutput): ActionExecutionOutput {
  const executionResult = resultOf(output);
  return {
    outputArtifacts: (output.outputArtifacts ?? []).map(artifactDetail),
    ...(executionResult && { executionResult }),
    outputVariables: output.outputVariables ?? {},
  };
}

/**
 * The history shows an error's code alone and its message as the summary, unless a person has given one; GetPipelineState
 * shows both (reference §5.5, §14).
 */
function resultOf({ externalExecutionId, externalExecutionUrl, summary, error }: ActionOutput) {
  const shownSummary = summary ?? error?.message;
  const result: ActionExecutionResult = {
    ...(externalExecutionId !== undefined && { externalExecutionId }),
    ...(shownSummary !== undefined && { externalExecutionSummary: shownSummary }),
    ...(externalExecutionUrl !== undefined && { externalExecutionUrl }),
    ...(error && { errorDetails: { code: error.code } }),
  };
  return Object.keys(result).length > 0 ? result : undefined;
}

function artifactDetail({ name, bucket, key }: ArtifactLocation) {
  return { name, s3location: { bucket, key } };
}
