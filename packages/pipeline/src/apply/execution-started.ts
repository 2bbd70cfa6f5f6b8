import type { Outcome, Rejection } from "../decision.ts";
import type { EventOf } from "../event.ts";
import type { PipelineState } from "../state.ts";

/** Notes a new execution; it waits before the first stage until `settle` lets it in. */
export function applyExecutionStarted(
  state: PipelineState,
  { executionId, version, structure }: EventOf<"executionStarted">,
  out: Outcome,
): Rejection | undefined {
  if (state.executions.some(({ id }) => id === executionId)) return { reason: "executionAlreadyStarted", executionId };
  state.executions.push({
    id: executionId,
    version,
    structure,
    order: Math.max(0, ...[...state.executions, ...(state.retryable ?? [])].map(({ order }) => order)) + 1,
    status: "InProgress",
    stage: 0,
    entered: false,
    actions: {},
    attempt: 1,
  });
  out.facts.push({ type: "executionStarted", executionId, version });
  return undefined;
}
