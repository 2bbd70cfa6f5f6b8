import { ServiceError } from "../../wire/error.ts";
import { onStage } from "./access.ts";
import { served } from "./context.ts";
import { rejected } from "./errors.ts";
import { currentDeclaration, requirePipeline, requireStage } from "./find.ts";

/**
 * Runs the failed actions of a stage again, or all of them, in the same execution: those that failed or were stopped,
 * with new ids and new places for what they put out.
 *
 * Errors: `PipelineNotFoundException`, `StageNotFoundException`, `StageNotRetryableException`,
 * `NotLatestPipelineExecutionException`, `ConflictException`. Source: reference §10.5. An execution that is not there
 * is a `StageNotRetryableException`, which is our choice: the model lists no error for it.
 */
export const retryStageExecution = served({
  name: "RetryStageExecution",
  access: ({ pipelineName, stageName }, _, call) => onStage("RetryStageExecution", pipelineName, stageName, call),
  async run({ pipelineName, stageName, pipelineExecutionId, retryMode }, context, call) {
    const pipeline = await requirePipeline(pipelineName, context, call);
    requireStage(await currentDeclaration(pipeline, context), stageName);
    const request = { pipeline: pipeline.arn, executionId: pipelineExecutionId, stage: stageName, retryMode };
    const rejection = await context.engine.retryStage(request);
    if (rejection?.reason === "executionNotFound") {
      const missing = `pipeline '${pipelineName}' does not have an execution with id '${pipelineExecutionId}'`;
      throw new ServiceError("StageNotRetryableException", `The stage cannot be retried: ${missing}`);
    }
    if (rejection) throw rejected(rejection, pipelineName);
    return { pipelineExecutionId };
  },
});
