import { readAction } from "../../engine/jobs.ts";
import { findPolledJob } from "../../engine/worker-jobs.ts";
import { findActionExecution } from "../../store/action-execution.ts";
import { onAnything } from "./access.ts";
import { served } from "./context.ts";
import { acknowledgeProblem } from "./errors.ts";
import { jobData } from "./job-data.ts";

/**
 * Answers what a partner's job is about, with the nonce to acknowledge it with and fresh credentials for its artifacts.
 *
 * Errors: `JobNotFoundException`, also for a job of another kind; `InvalidClientTokenException`. Source: reference §3.
 */
export const getThirdPartyJobDetails = served({
  name: "GetThirdPartyJobDetails",
  access: () => onAnything("GetThirdPartyJobDetails"),
  async run({ jobId, clientToken }, context, { principal, region }) {
    const { store, declarations } = context;
    const found = await findPolledJob(store.read, jobId, { account: principal.account, region, clientToken });
    if ("problem" in found) throw acknowledgeProblem(found.problem, jobId);
    const { job, waiting } = found;
    const row = await store.read.first(findActionExecution, { id: job.action_execution_id });
    if (!row) throw acknowledgeProblem("jobNotFound", jobId);
    const action = await readAction(store.read, row, declarations);
    return { jobDetails: { id: jobId, data: jobData(job, action, context), nonce: String(waiting.nonce) } };
  },
});
