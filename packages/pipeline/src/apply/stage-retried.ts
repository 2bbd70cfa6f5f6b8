import type { Outcome, Rejection } from "../decision.ts";
import type { StageRetryMode } from "../definition.ts";
import type { EventOf } from "../event.ts";
import { retryStage } from "../retry.ts";
import { type ExecutionState, hasFailed, type PipelineState, stageOf } from "../state.ts";

/**
 * Takes up an execution again in the stage where it failed or was stopped. What failed beside actions that still run
 * may be retried at once; all actions only when none runs.
 *
 * Source: reference §10.5; that ALL_ACTIONS waits for what still runs is our choice: what runs cannot begin anew.
 */
export function applyStageRetried(
  state: PipelineState,
  event: EventOf<"stageRetried">,
  out: Outcome,
): Rejection | undefined {
  const { executionId, stage, retryMode } = event;
  const isMeant = (execution: ExecutionState) => execution.id === executionId && stageOf(execution)?.name === stage;
  const running = state.executions.find(isMeant);
  const execution = running ?? state.retryable?.find(isMeant);
  const problem = problemOf(execution, running !== undefined, event);
  if (problem) return problem;
  if (!execution) return undefined; // its absence was a problem
  if (running) retryStage(running, retryMode, "ManualStageRetry", out);
  else takeUp(state, execution, retryMode, out);
  return undefined;
}

function problemOf(
  execution: ExecutionState | undefined,
  isRunning: boolean,
  { executionId, stage, retryMode, currentVersion, latestExecutionId }: EventOf<"stageRetried">,
): Rejection | undefined {
  if (latestExecutionId !== executionId) return { reason: "notLatestExecution", executionId, stage };
  const refused = (why: string): Rejection => ({ reason: "stageNotRetryable", executionId, why });
  if (!execution) return refused(`the execution neither failed nor was stopped in stage ${stage}`);
  if (execution.version !== currentVersion) {
    return refused(
      `the pipeline has version ${currentVersion} now, and the execution ran version ${execution.version}`,
    );
  }
  if (!isRunning) return undefined;
  if (execution.status === "Stopping")
    return { reason: "retryConflicts", executionId, why: "the execution is stopping" };
  const conflicts = (why: string): Rejection => ({ reason: "retryConflicts", executionId, why });
  if (!execution.entered || !Object.values(execution.actions).some(hasFailed)) {
    if (execution.attempt > 1) return conflicts(`stage ${stage} is being retried already`);
    return refused(`stage ${stage} has no failed action`);
  }
  return retryMode === "ALL_ACTIONS" ? conflicts(`actions of stage ${stage} still run`) : undefined;
}

/** Puts an ended execution back to where its start puts it. */
function takeUp(state: PipelineState, ended: ExecutionState, mode: StageRetryMode, out: Outcome): void {
  const execution: ExecutionState = { ...ended, actions: { ...ended.actions }, status: "InProgress" };
  const left = (state.retryable ?? []).filter((other) => other !== ended);
  if (left.length > 0) state.retryable = left;
  else delete state.retryable;
  state.executions = [...state.executions, execution].toSorted((one, other) => one.order - other.order);
  retryStage(execution, mode, "ManualStageRetry", out);
}
