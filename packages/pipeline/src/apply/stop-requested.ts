import type { Outcome, Rejection } from "../decision.ts";
import type { EventOf } from "../event.ts";
import { actionPlace } from "../settle.ts";
import type { ExecutionState, PipelineState } from "../state.ts";

/**
 * Notes that somebody wants an execution to stop. It ends when its running actions have, or at once
 * when they are abandoned; while it is stopping only an abandon is accepted.
 *
 * Source: reference §10.4.
 */
export function applyStopRequested(
  state: PipelineState,
  { executionId, abandon }: EventOf<"stopRequested">,
  out: Outcome,
): Rejection | undefined {
  const execution = state.executions.find(({ id }) => id === executionId);
  if (!execution) return { reason: "executionNotFound", executionId };
  if (execution.status === "Stopping" && !abandon) return { reason: "alreadyStopping", executionId };
  if (execution.status !== "Stopping") out.facts.push({ type: "executionStopping", executionId });
  execution.status = "Stopping";
  if (abandon) abandonRunning(execution, out);
  return undefined;
}

function abandonRunning(execution: ExecutionState, out: Outcome): void {
  for (const [name, action] of Object.entries(execution.actions)) {
    if (action.status !== "InProgress") continue;
    action.status = "Abandoned";
    out.facts.push({ type: "actionFinished", status: "Abandoned", ...actionPlace(execution, name, action) });
  }
}
