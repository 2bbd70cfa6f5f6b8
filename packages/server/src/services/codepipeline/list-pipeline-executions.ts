import {
  type ExecutionRow,
  listExecutions,
  listExecutionsSucceededIn,
  type SourceRevisionRecord,
} from "../../store/execution.ts";
import { onPipeline } from "./access.ts";
import { served } from "./context.ts";
import { requirePipeline } from "./find.ts";
import { fromNextToken, PAGE_COUNT_DEFAULT, toNextToken, toPage } from "./page.ts";
import type {
  ExecutionMode,
  ExecutionTrigger,
  PipelineExecutionStatus,
  PipelineExecutionSummary,
} from "./shapes.generated.ts";

/** Lists executions, newest first. Errors: `PipelineNotFoundException`, `InvalidNextTokenException`. Source: reference §12. */
export const listPipelineExecutions = served({
  name: "ListPipelineExecutions",
  access: ({ pipelineName }, _, call) => onPipeline("ListPipelineExecutions", pipelineName, call),
  async run({ pipelineName, maxResults = PAGE_COUNT_DEFAULT, filter, nextToken }, context, call) {
    const { arn } = await requirePipeline(pipelineName, context, call);
    const before = fromNextToken("executions", nextToken, Number.MAX_SAFE_INTEGER);
    const stage = filter?.succeededInStage?.stageName;
    const asked = { pipeline: arn, before, limit: maxResults + 1 };
    const rows =
      stage === undefined
        ? await context.store.read.all(listExecutions, asked)
        : await context.store.read.all(listExecutionsSucceededIn, { ...asked, stage });
    const { page, next } = toPage(rows, maxResults, ({ seq }) => toNextToken("executions", seq));
    return { pipelineExecutionSummaries: page.map(describe), ...next };
  },
});

function describe(execution: ExecutionRow): PipelineExecutionSummary {
  const revisions = JSON.parse(execution.revisions) as SourceRevisionRecord[]; // we wrote it
  return {
    pipelineExecutionId: execution.id,
    status: execution.status as PipelineExecutionStatus, // the column holds nothing else
    ...(execution.status_summary !== null && { statusSummary: execution.status_summary }),
    startTime: execution.started_at,
    lastUpdateTime: execution.updated_at,
    sourceRevisions: revisions.map(({ actionName, revisionId, revisionSummary }) => ({
      actionName,
      revisionId,
      ...(revisionSummary !== undefined && { revisionSummary }),
    })),
    trigger: JSON.parse(execution.trigger) as ExecutionTrigger,
    ...(execution.stop_reason !== null && { stopTrigger: { reason: execution.stop_reason } }),
    executionMode: execution.mode as ExecutionMode,
  };
}
