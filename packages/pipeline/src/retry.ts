import { InvariantError, type Outcome, type RetryTrigger } from "./decision.ts";
import type { StageRetryMode } from "./definition.ts";
import { type ExecutionState, stageOf } from "./state.ts";

/**
 * Lets a stage begin anew: forgets those of its actions that are to run again, and counts. `settle` starts them.
 *
 * Source: reference §10.5: the execution keeps its id, its actions get new ones.
 */
export function retryStage(execution: ExecutionState, mode: StageRetryMode, trigger: RetryTrigger, out: Outcome): void {
  const stage = stageOf(execution);
  if (!stage) throw new InvariantError(`Execution ${execution.id} is past its last stage.`);
  const kept = Object.entries(execution.actions).filter(([, { status }]) => {
    return mode === "FAILED_ACTIONS" && (status === "Succeeded" || status === "InProgress");
  });
  execution.actions = Object.fromEntries(kept);
  execution.attempt += 1;
  if (trigger === "AutomatedStageRetry") execution.wasRetried = true;
  out.facts.push({ type: "stageRetried", executionId: execution.id, stage: stage.name, trigger });
}
