import { listActionsOfExecution } from "../store/action-execution.ts";
import { diagnose } from "../why/diagnose.ts";
import type { Diagnosis } from "../why/diagnosis.ts";
import { type FactSource, findActionOfJob, readFacts } from "./read-facts.ts";

/** How each action of an execution, or the action of a job, stands and why. Nothing for an id that is neither. */
export async function why(id: string, source: FactSource): Promise<readonly Diagnosis[]> {
  const found = await findActionOfJob(id, source.read);
  const rows = found ? [found.row] : await source.read.all(listActionsOfExecution, { execution_id: id });
  const diagnoses: Diagnosis[] = [];
  for (const row of rows) diagnoses.push(diagnose(await readFacts(row, source)));
  return diagnoses;
}
