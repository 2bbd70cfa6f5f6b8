import type { ExecutionRow, SourceRevisionRecord } from "../../store/execution.ts";
import { onPipeline } from "./access.ts";
import { served } from "./context.ts";
import { requireExecution, requirePipeline } from "./find.ts";
import type {
  ExecutionMode,
  ExecutionTrigger,
  PipelineExecution,
  PipelineExecutionStatus,
} from "./shapes.generated.ts";

/**
 * Answers one execution. `artifactRevisions` is empty until its sources have run.
 *
 * Errors: `PipelineNotFoundException`, `PipelineExecutionNotFoundException`. Source: reference §12.
 */
export const getPipelineExecution = served({
  name: "GetPipelineExecution",
  access: ({ pipelineName }, _, call) => onPipeline("GetPipelineExecution", pipelineName, call),
  async run({ pipelineName, pipelineExecutionId }, context, call) {
    const pipeline = await requirePipeline(pipelineName, context, call);
    const execution = await requireExecution(pipeline, pipelineExecutionId, context);
    return { pipelineExecution: describe(pipelineName, execution) };
  },
});

function describe(pipelineName: string, execution: ExecutionRow): PipelineExecution {
  const revisions = JSON.parse(execution.revisions) as SourceRevisionRecord[]; // we wrote all of these columns
  const variables = JSON.parse(execution.variables) as Record<string, string>;
  const resolved = Object.entries(variables).map(([name, resolvedValue]) => ({ name, resolvedValue }));
  return {
    pipelineName,
    pipelineVersion: execution.pipeline_version,
    pipelineExecutionId: execution.id,
    status: execution.status as PipelineExecutionStatus,
    ...(execution.status_summary !== null && { statusSummary: execution.status_summary }),
    artifactRevisions: revisions.map(({ artifactName, revisionId, revisionSummary }) => ({
      name: artifactName,
      revisionId,
      ...(revisionSummary !== undefined && { revisionSummary }),
    })),
    ...(resolved.length > 0 && { variables: resolved }),
    trigger: JSON.parse(execution.trigger) as ExecutionTrigger,
    executionMode: execution.mode as ExecutionMode,
  };
}
