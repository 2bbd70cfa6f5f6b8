import type { PipelineState } from "@penstock/pipeline";
import {
  findPipeline,
  listPipelineStates,
  type PipelineTable,
  type StageTransition,
  updatePipelineTransitions,
} from "../store/pipeline.ts";
import type { Tx } from "../store/store.ts";
import { InvariantError } from "../wire/error.ts";
import { type HappenContext, type Happened, happen } from "./happen.ts";
import type { PipelinePlace } from "./place.ts";

/** Whether and why a stage may be entered from now on. */
export interface SetTransition {
  readonly pipeline: PipelinePlace;
  readonly transition: StageTransition;
}

/** Puts a transition on record, and lets in whoever waited for it, in every execution that is on record. */
export async function setTransition(
  tx: Tx,
  { pipeline, transition }: SetTransition,
  now: number,
  context: HappenContext,
  happened: Happened,
): Promise<void> {
  const row = await tx.first(findPipeline, { arn: pipeline.arn });
  if (!row) return; // it was deleted meanwhile
  const others = transitionsOf(row).filter(({ stage }) => stage !== transition.stage);
  await tx.run(updatePipelineTransitions, { arn: row.arn, transitions: JSON.stringify([...others, transition]) });
  const { stage, enabled: isOpen } = transition;
  const event = { type: "transitionChanged", stage, isOpen } as const;
  for (const { id, state: text } of await tx.all(listPipelineStates, { from: row.arn, to: `${row.arn}0` })) {
    const executionId = id.slice(row.arn.length + 1);
    if (!id.startsWith(`${row.arn}/`) && id !== row.arn) continue;
    const { mode } = JSON.parse(text) as PipelineState; // we wrote it
    const rejection = await happen(tx, { pipeline, mode, executionId, event, now }, context, happened);
    if (rejection) throw new InvariantError(`A change of a transition was refused: ${rejection.reason}`);
  }
}

/** The transitions of a pipeline that were ever changed. */
export function transitionsOf({ transitions }: PipelineTable): readonly StageTransition[] {
  return JSON.parse(transitions) as StageTransition[]; // we wrote it
}

/** The stages that nobody may enter. */
export function closedStages(row: PipelineTable): readonly string[] {
  return transitionsOf(row).flatMap(({ stage, enabled }) => (enabled ? [] : [stage]));
}
