import { onPipeline } from "./access.ts";
import { served } from "./context.ts";
import { rejected } from "./errors.ts";
import { requireExecution, requirePipeline } from "./find.ts";

/**
 * Stops an execution: at once when its actions are abandoned, else when those that run have ended.
 *
 * Errors: `PipelineNotFoundException`, `PipelineExecutionNotStoppableException`, `DuplicatedStopRequestException`.
 * Source: reference §10.4.
 */
export const stopPipelineExecution = served({
  name: "StopPipelineExecution",
  access: ({ pipelineName }, _, call) => onPipeline("StopPipelineExecution", pipelineName, call),
  async run({ pipelineName, pipelineExecutionId, abandon = false, reason }, context, call) {
    const pipeline = await requirePipeline(pipelineName, context, call);
    await requireExecution(pipeline, pipelineExecutionId, context);
    const rejection = await context.engine.stop(pipelineExecutionId, abandon, reason);
    if (rejection) throw rejected(rejection, pipelineName);
    return { pipelineExecutionId };
  },
});
