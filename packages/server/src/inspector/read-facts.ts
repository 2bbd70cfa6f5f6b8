import { isOutdated } from "../engine/approvals.ts";
import type { Declarations } from "../engine/declarations.ts";
import { uuidOfPath } from "../engine/ids.ts";
import { readAction } from "../engine/jobs.ts";
import { type ActionExecutionRow, type ActionOutput, findActionExecution } from "../store/action-execution.ts";
import { findJob, type JobTable, listJobsOfAction } from "../store/job.ts";
import type { Reader } from "../store/store.ts";
import { listStoryAroundJob } from "../store/story.ts";
import { findWork } from "../store/work.ts";
import { findWorkerJob, type WorkerJobTable } from "../store/worker-job.ts";
import type { StoryEntry } from "../story.ts";
import type { ActionFacts, JobFacts, WorkerFacts } from "../why/facts.ts";

/** Where facts are read. */
export interface FactSource {
  readonly read: Reader;
  readonly declarations: Declarations;
  now(): number;
}

/** How many of an action's latest jobs are told of in full: a diagnosis needs no more. */
const JOBS_TOLD_MAX = 5;

/** How many entries of one job are looked at, and how many rows at once; the latest entries stay. */
const ENTRIES_MAX = 20_000;
const ROWS_AT_ONCE = 200;

/** All that a diagnosis of one action needs. */
export async function readFacts(row: ActionExecutionRow, source: FactSource): Promise<ActionFacts> {
  const { read, declarations, now } = source;
  const action = await readAction(read, row, declarations);
  const jobs = await read.all(listJobsOfAction, { action_execution_id: row.id });
  const output = JSON.parse(row.output) as ActionOutput; // we wrote it
  const { error, updatedBy } = output;
  const isApproval = action.input.actionTypeId.category === "Approval";
  const wait = isApproval ? await read.first(findWork, { id: row.id }) : undefined;
  const functionName = action.input.resolvedConfiguration["FunctionName"];
  const told = jobs.slice(-JOBS_TOLD_MAX);
  return {
    pipeline: action.pipelineName,
    account: action.account,
    executionId: row.execution_id,
    stage: row.stage,
    action: row.action,
    actionExecutionId: row.id,
    status: row.status,
    startedAt: row.started_at,
    updatedAt: row.updated_at,
    ...(functionName !== undefined && { functionName }),
    inputArtifacts: action.input.inputArtifacts,
    outputArtifacts: action.input.outputArtifacts,
    ...(action.encryptionKey && { encryptionKey: action.encryptionKey.id }),
    ...(error && { error }),
    ...(isApproval && {
      approval: {
        ...(wait && { dueAt: wait.due_at }),
        ...(updatedBy !== undefined && { by: updatedBy }),
        ...(isOutdated(output) && { isOutdated: true }),
      },
    }),
    jobs: await Promise.all(told.map((job) => jobFacts(job, source))),
    entries: (await Promise.all(told.map(({ id }) => storyOfJob(id, read)))).flat(),
    now: now(),
  };
}

/** One job with what is outstanding for it. */
export async function jobFacts(job: JobTable, { read, now }: FactSource): Promise<JobFacts> {
  const call = await read.first(findWork, { id: uuidOfPath(`${job.id}/invocation`) });
  const look = await read.first(findWork, { id: job.id });
  const worker = await read.first(findWorkerJob, { id: job.id });
  return {
    id: job.id,
    number: job.number,
    status: job.status,
    ...(job.continuation_token !== null && { continuationToken: job.continuation_token }),
    dispatchedAt: job.dispatched_at,
    replyDueAt: job.reply_due_at,
    isReported: job.report !== null,
    ...(call && call.due_at > now() && { nextCallAt: call.due_at }),
    ...(look?.kind === "advance" && { actsAt: look.due_at }),
    ...(worker && { worker: workerFacts(worker) }),
  };
}

function workerFacts(row: WorkerJobTable): WorkerFacts {
  return {
    actionType: row.action_type,
    ...(row.query_value !== null && { queryValue: row.query_value }),
    ...(row.handed_out_at !== null && { handedOutAt: row.handed_out_at }),
    ...(row.acknowledged_at !== null && { acknowledgedAt: row.acknowledged_at }),
    ...(row.worker !== null && { name: row.worker }),
  };
}

async function storyOfJob(jobId: string, read: Reader): Promise<readonly StoryEntry[]> {
  const entries: StoryEntry[] = [];
  for (let after = 0; ; ) {
    const rows = await read.all(listStoryAroundJob, { job_id: jobId, after, limit: ROWS_AT_ONCE });
    for (const row of rows) {
      const told = JSON.parse(row.entries) as StoryEntry[]; // the teller wrote them
      entries.push(...told.filter((entry) => entry.jobId === jobId));
    }
    if (entries.length > ENTRIES_MAX) entries.splice(0, entries.length - ENTRIES_MAX);
    const last = rows.at(-1);
    if (!last || rows.length < ROWS_AT_ONCE) return entries;
    after = last.seq;
  }
}

/** The action execution that a job belongs to, and the job. */
export async function findActionOfJob(jobId: string, read: Reader) {
  const job = await read.first(findJob, { id: jobId });
  const row = job && (await read.first(findActionExecution, { id: job.action_execution_id }));
  return row && { row, job };
}
