import type { PipelineState } from "../state.ts";

/**
 * Notes that the pipeline has another declaration now: what is in flight starts nothing more.
 *
 * Source: reference §10.3.
 */
export function applyPipelineUpdated(state: PipelineState): undefined {
  for (const execution of state.executions) execution.isOutdated = true;
}
