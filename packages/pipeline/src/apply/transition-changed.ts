import type { EventOf } from "../event.ts";
import type { PipelineState } from "../state.ts";

/**
 * Notes that the way into a stage was disabled, or enabled again. What is in the stage goes on; who is not yet waits
 * before it.
 *
 * Source: reference §10.2.
 */
export function applyTransitionChanged(
  state: PipelineState,
  { stage, isOpen }: EventOf<"transitionChanged">,
): undefined {
  const others = (state.closed ?? []).filter((name) => name !== stage);
  const closed = isOpen ? others : [...others, stage];
  if (closed.length > 0) state.closed = closed;
  else delete state.closed;
}
