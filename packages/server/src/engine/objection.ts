import type { JobReport } from "@penstock/pipeline";
import { findActionExecution } from "../store/action-execution.ts";
import { findJob } from "../store/job.ts";
import type { EngineOptions } from "./engine.ts";
import { readAction } from "./jobs.ts";
import type { ActionError } from "./providers/provider.ts";

/**
 * What speaks against a report of success that ends its action. It is asked before the transaction that takes the
 * report, because the answer may need I/O.
 */
export async function objectionToReport(
  { jobId, report }: { readonly jobId: string; readonly report: JobReport },
  { store, declarations, objectionTo }: EngineOptions,
): Promise<ActionError | undefined> {
  if (!objectionTo || report.type === "failure" || report.continuationToken !== undefined) return undefined;
  const job = await store.read.first(findJob, { id: jobId });
  const row = job && (await store.read.first(findActionExecution, { id: job.action_execution_id }));
  if (row?.status !== "InProgress") return undefined;
  return await objectionTo(await readAction(store.read, row, declarations));
}
