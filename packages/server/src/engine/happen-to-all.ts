import type { PipelineEvent, PipelineState } from "@penstock/pipeline";
import { listPipelineStates } from "../store/pipeline.ts";
import type { Tx } from "../store/store.ts";
import { InvariantError } from "../wire/error.ts";
import { type HappenContext, type Happened, happen } from "./happen.ts";
import type { PipelinePlace } from "./place.ts";

/** Lets an event happen to every execution of a pipeline that is on record; answers their states from before. */
export async function happenToAll(
  tx: Tx,
  pipeline: PipelinePlace,
  event: PipelineEvent,
  now: number,
  context: HappenContext,
  happened: Happened,
): Promise<readonly PipelineState[]> {
  const { arn } = pipeline;
  const rows = await tx.all(listPipelineStates, { from: arn, to: `${arn}0` });
  const own = rows.filter(({ id }) => id === arn || id.startsWith(`${arn}/`));
  const states = own.map(({ id, state }) => [id, JSON.parse(state) as PipelineState] as const); // we wrote it
  for (const [id, { mode }] of states) {
    const executionId = id.slice(arn.length + 1);
    const rejection = await happen(tx, { pipeline, mode, executionId, event, now }, context, happened);
    if (rejection) throw new InvariantError(`The event ${event.type} was refused: ${rejection.reason}`);
  }
  return states.map(([, state]) => state);
}
