import { readAction } from "../../engine/jobs.ts";
import { findActionExecution } from "../../store/action-execution.ts";
import { findJob } from "../../store/job.ts";
import { onAnything } from "./access.ts";
import { served } from "./context.ts";
import { reportProblem } from "./errors.ts";
import { jobData } from "./job-data.ts";

/**
 * Answers what a job is about, with fresh credentials for its artifacts.
 *
 * Errors: `JobNotFoundException`, also for a partner's job, which has an operation of its own (`Source: our choice`,
 * because this one asks for no client token). Source: reference §3.
 */
export const getJobDetails = served({
  name: "GetJobDetails",
  access: () => onAnything("GetJobDetails"),
  async run({ jobId }, context, { principal, region }) {
    const { store, declarations } = context;
    const job = await store.read.first(findJob, { id: jobId });
    const row = job && (await store.read.first(findActionExecution, { id: job.action_execution_id }));
    const isStrange = job?.region !== region || job.account !== principal.account || job.client_token !== null;
    if (!row || isStrange) throw reportProblem({ reason: "jobNotFound" }, jobId);
    const action = await readAction(store.read, row, declarations);
    return { jobDetails: { id: jobId, data: jobData(job, action, context), accountId: job.account } };
  },
});
