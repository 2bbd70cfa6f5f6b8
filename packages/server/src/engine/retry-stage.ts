import type { ExecutionMode, Rejection, StageRetryMode } from "@penstock/pipeline";
import { findExecution, findLatestStageExecution, findStageExecution } from "../store/execution.ts";
import { findPipeline } from "../store/pipeline.ts";
import type { Tx } from "../store/store.ts";
import { type HappenContext, type Happened, happen } from "./happen.ts";
import { placeOfArn } from "./place.ts";

/** Which stage of which execution is to run again. */
export interface RetryStage {
  /** The ARN of the pipeline that the execution must be of. */
  readonly pipeline: string;
  readonly executionId: string;
  readonly stage: string;
  readonly retryMode: StageRetryMode;
}

/** Lets an execution go on in the stage where it failed or was stopped, or says why not. */
export async function retryStage(
  tx: Tx,
  request: RetryStage,
  now: number,
  context: HappenContext,
  happened: Happened,
): Promise<Rejection | undefined> {
  const { executionId, stage, retryMode } = request;
  const execution = await tx.first(findExecution, { id: executionId });
  const pipeline = await tx.first(findPipeline, { arn: request.pipeline });
  if (!pipeline || execution?.pipeline !== pipeline.arn) return { reason: "executionNotFound", executionId };
  const mode = execution.mode as ExecutionMode; // the column holds what CreatePipeline accepted as a mode
  const latest =
    mode === "PARALLEL" // where nobody is before or after another
      ? await tx.first(findStageExecution, { execution_id: executionId, stage })
      : await tx.first(findLatestStageExecution, { pipeline: pipeline.arn, stage });
  const event = {
    type: "stageRetried",
    executionId,
    stage,
    retryMode,
    currentVersion: pipeline.version,
    latestExecutionId: latest?.execution_id,
  } as const;
  return await happen(tx, { pipeline: placeOfArn(pipeline.arn), mode, executionId, event, now }, context, happened);
}
