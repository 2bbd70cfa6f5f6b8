/*
 * What the inspector's pages hold. Times are epoch milliseconds, durations milliseconds; what is not known is null.
 */
import { LAMBDA_TOTAL_MS_MAX } from "@penstock/pipeline";
import { type ActionExecutionRow, type ActionOutput, listActionsOfExecution } from "../store/action-execution.ts";
import { findExecution } from "../store/execution.ts";
import { listJobsOfAction } from "../store/job.ts";
import { diagnose } from "../why/diagnose.ts";
import type { ActionFacts, JobFacts } from "../why/facts.ts";
import { type FactSource, findActionOfJob, jobFacts, readFacts } from "./read-facts.ts";
import { readTimeline } from "./timeline.ts";

/** Which part of a timeline is asked for. */
export interface PageRequest {
  readonly after?: string | undefined;
  readonly limit: number;
}

/** How many of an action's latest jobs a page lists. */
const JOBS_LISTED_MAX = 100;

/** One job with the chain it belongs to, from its action's first job to its last. Undefined when there is no such job. */
export async function jobPage(jobId: string, page: PageRequest, source: FactSource): Promise<object | undefined> {
  const found = await findActionOfJob(jobId, source.read);
  if (!found) return undefined;
  const { row } = found;
  const jobs = await source.read.all(listJobsOfAction, { action_execution_id: row.id });
  const timeline = await readTimeline({ executionId: row.execution_id, actionExecutionId: row.id }, page, source.read);
  if (!timeline) return undefined;
  return {
    job: jobId,
    ...(await actionDocument(row, source)),
    jobs: await Promise.all(jobs.slice(-JOBS_LISTED_MAX).map(async (job) => jobDocument(await jobFacts(job, source)))),
    jobsBefore: Math.max(0, jobs.length - JOBS_LISTED_MAX),
    timeline: timeline.entries,
    next: timeline.next,
  };
}

/** A pipeline execution with its actions. Undefined when there is no such execution. */
export async function executionPage(id: string, page: PageRequest, source: FactSource): Promise<object | undefined> {
  const execution = await source.read.first(findExecution, { id });
  const timeline = execution && (await readTimeline({ executionId: id }, page, source.read));
  if (!timeline) return undefined;
  const rows = await source.read.all(listActionsOfExecution, { execution_id: id });
  const actions: object[] = [];
  for (const row of rows) actions.push(await actionDocument(row, source));
  return {
    execution: id,
    pipeline: execution.pipeline,
    status: execution.status,
    startedAt: execution.started_at,
    updatedAt: execution.updated_at,
    actions,
    timeline: timeline.entries,
    next: timeline.next,
  };
}

async function actionDocument(row: ActionExecutionRow, source: FactSource): Promise<object> {
  const facts = await readFacts(row, source);
  const { outputVariables = {} } = JSON.parse(row.output) as ActionOutput; // we wrote it
  return {
    action: {
      actionExecutionId: facts.actionExecutionId,
      pipeline: facts.pipeline,
      executionId: facts.executionId,
      stage: facts.stage,
      name: facts.action,
      status: facts.status,
      startedAt: facts.startedAt,
      updatedAt: facts.updatedAt,
      functionName: facts.functionName ?? null,
      latestJobId: facts.jobs.at(-1)?.id ?? null,
      inputArtifacts: facts.inputArtifacts,
      outputArtifacts: facts.outputArtifacts,
      outputVariables,
      encryptionKey: facts.encryptionKey ?? null,
      error: facts.error ?? null,
    },
    countdowns: countdowns(facts),
    diagnosis: diagnose(facts),
  };
}

/** What will happen by itself while nobody says anything; null once the action is over. */
function countdowns({ status, startedAt, jobs, approval, now }: ActionFacts): object | null {
  const latest = jobs.at(-1);
  const due = (at: number) => ({ at, inMs: at - now });
  if (approval?.dueAt !== undefined) return { approval: due(approval.dueAt) };
  if (status !== "InProgress" || !latest) return null;
  return {
    nextCall: latest.nextCallAt === undefined ? null : due(latest.nextCallAt),
    actsOnReport: latest.actsAt === undefined ? null : due(latest.actsAt),
    noReply: due(latest.replyDueAt),
    total: due(startedAt + LAMBDA_TOTAL_MS_MAX),
  };
}

function jobDocument({ id, number, status, continuationToken, ...times }: JobFacts): object {
  return {
    id,
    number,
    status,
    continuationToken: continuationToken ?? null,
    isReported: times.isReported,
    dispatchedAt: times.dispatchedAt,
    replyDueAt: times.replyDueAt,
    nextCallAt: times.nextCallAt ?? null,
  };
}
