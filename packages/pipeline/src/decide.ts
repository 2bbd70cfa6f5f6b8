import { applyActionFinished } from "./apply/action-finished.ts";
import { applyExecutionStarted } from "./apply/execution-started.ts";
import { applyPipelineUpdated } from "./apply/pipeline-updated.ts";
import { applyStageRetried } from "./apply/stage-retried.ts";
import { applyStopRequested } from "./apply/stop-requested.ts";
import { applyTransitionChanged } from "./apply/transition-changed.ts";
import type { Decision, Outcome, Rejection } from "./decision.ts";
import type { PipelineEvent } from "./event.ts";
import { settle } from "./settle.ts";
import type { ExecutionState, PipelineState } from "./state.ts";

/**
 * The heart: what one event does to one pipeline.
 *
 * `apply` notes what happened, or refuses it; `settle` then moves whatever can move. There is no
 * clock, no randomness and no I/O, so the same state and event always give the same answer.
 */
export function decide(before: PipelineState, event: PipelineEvent): Decision {
  const state = copy(before); // ours to change from here on
  const out: Outcome = { facts: [], effects: [] };
  const rejection = apply(state, event, out);
  if (rejection) return { ok: false, rejection };
  settle(state, out);
  return { ok: true, state, ...out };
}

function apply(state: PipelineState, event: PipelineEvent, out: Outcome): Rejection | undefined {
  switch (event.type) {
    case "executionStarted":
      return applyExecutionStarted(state, event, out);
    case "actionFinished":
      return applyActionFinished(state, event, out);
    case "stopRequested":
      return applyStopRequested(state, event, out);
    case "stageRetried":
      return applyStageRetried(state, event, out);
    case "pipelineUpdated":
      return applyPipelineUpdated(state);
    case "transitionChanged":
      return applyTransitionChanged(state, event);
  }
}

/** As deep as the state can change, and no deeper: structures are shared, because nothing writes to them. */
function copy(state: PipelineState): PipelineState {
  const { executions, retryable } = state;
  return { ...state, executions: executions.map(copyExecution), ...(retryable && { retryable: [...retryable] }) };
}

function copyExecution(execution: ExecutionState): ExecutionState {
  const actions = Object.fromEntries(Object.entries(execution.actions).map(([name, action]) => [name, { ...action }]));
  return { ...execution, actions };
}
