import {
  findPipeline,
  type PipelineTable,
  type StageTransition,
  updatePipelineTransitions,
} from "../store/pipeline.ts";
import type { Tx } from "../store/store.ts";
import type { HappenContext, Happened } from "./happen.ts";
import { happenToAll } from "./happen-to-all.ts";
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
  await happenToAll(tx, pipeline, { type: "transitionChanged", stage, isOpen }, now, context, happened);
}

/** The transitions of a pipeline that were ever changed. */
export function transitionsOf({ transitions }: PipelineTable): readonly StageTransition[] {
  return JSON.parse(transitions) as StageTransition[]; // we wrote it
}

/** The stages that nobody may enter. */
export function closedStages(row: PipelineTable): readonly string[] {
  return transitionsOf(row).flatMap(({ stage, enabled }) => (enabled ? [] : [stage]));
}
