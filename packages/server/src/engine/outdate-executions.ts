import type { Tx } from "../store/store.ts";
import { cancelWaiting } from "./approvals.ts";
import type { Happened } from "./happen.ts";
import { happenToAll } from "./happen-to-all.ts";
import { uuidOfPath } from "./ids.ts";
import type { JobContext } from "./jobs.ts";
import type { PipelinePlace } from "./place.ts";

/**
 * What an update of a pipeline does to its executions in flight: what runs goes on to its end, nothing more starts, and
 * who waits for a decision is told that there will be none.
 *
 * Source: reference §10.3.
 */
export async function outdateExecutions(
  tx: Tx,
  pipeline: PipelinePlace,
  now: number,
  context: JobContext,
  happened: Happened,
): Promise<void> {
  const states = await happenToAll(tx, pipeline, { type: "pipelineUpdated" }, now, context.happen, happened);
  for (const { actions } of states.flatMap(({ executions }) => executions)) {
    for (const { id, status } of Object.values(actions)) {
      if (status === "InProgress") await cancelWaiting(tx, uuidOfPath(id), now, context, happened);
    }
  }
}
