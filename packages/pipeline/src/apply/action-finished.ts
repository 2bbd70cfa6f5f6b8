import type { Outcome, Rejection } from "../decision.ts";
import type { EventOf } from "../event.ts";
import { actionPlace } from "../settle.ts";
import type { PipelineState } from "../state.ts";

/** Notes an action's result. The first one counts; a later one is refused. */
export function applyActionFinished(
  state: PipelineState,
  { executionId, actionExecutionId, status }: EventOf<"actionFinished">,
  out: Outcome,
): Rejection | undefined {
  const execution = state.executions.find(({ id }) => id === executionId);
  const found = Object.entries(execution?.actions ?? {}).find(([, { id }]) => id === actionExecutionId);
  if (!execution || found?.[1].status !== "InProgress") return { reason: "actionNotRunning", actionExecutionId };
  const [name, action] = found;
  action.status = status;
  out.facts.push({ type: "actionFinished", status, ...actionPlace(execution, name, action) });
  return undefined;
}
