import { acknowledge, handOut } from "@penstock/pipeline";
import { type ActionExecutionRow, findActionExecution } from "../store/action-execution.ts";
import { findJob, type JobTable } from "../store/job.ts";
import type { Reader, Tx } from "../store/store.ts";
import {
  findWorkerJob,
  listWaitingWorkerJobs,
  listWaitingWorkerJobsOf,
  saveAcknowledgement,
  saveHandOut,
  type WorkerJobTable,
  withdrawWorkerJob,
} from "../store/worker-job.ts";
import type { TypeOwner } from "./registered-types.ts";

/*
 * Jobs that workers poll for, inside transactions. Nothing here waits for a time: whether a job may be handed out again
 * is looked at when somebody asks for one.
 */

/** What a worker asks for. */
export interface Poll extends TypeOwner {
  /** `<owner>/<category>/<provider>/<version>`. */
  readonly actionType: string;
  /** The value of the type's queryable property. */
  readonly queryValue?: string;
  readonly count: number;
  /** Who asks: the caller's ARN. */
  readonly worker: string;
}

export interface HandedOut {
  readonly job: JobTable;
  readonly row: ActionExecutionRow;
  readonly nonce: string;
}

/** Most rows that are looked at for one poll: those of jobs that are over are put away on the way. */
const LOOKED_AT_MAX = 1_000;

/** Whether there may be something to hand out: a poll for nothing costs no transaction. */
export async function anyWaiting(reader: Reader, poll: Poll, now: number): Promise<boolean> {
  return (await waitingFor(reader, poll, now, 1)).length > 0;
}

/** Hands jobs out, the oldest first. What is over by now is put away. */
export async function handOutJobs(tx: Tx, poll: Poll, now: number): Promise<readonly HandedOut[]> {
  const handedOut: HandedOut[] = [];
  for (const waiting of await waitingFor(tx, poll, now, LOOKED_AT_MAX)) {
    if (handedOut.length === poll.count) break;
    const job = await tx.first(findJob, { id: waiting.id });
    const row = job && (await tx.first(findActionExecution, { id: job.action_execution_id }));
    const next = handOut(stateOf(waiting), now);
    if (job?.status !== "Dispatched" || row?.status !== "InProgress" || !next) {
      await tx.run(withdrawWorkerJob, { id: waiting.id });
      continue;
    }
    const { nonce, offeredUntil: offered_until } = next;
    await tx.run(saveHandOut, { id: job.id, nonce, offered_until, handed_out_at: now, worker: poll.worker });
    handedOut.push({ job, row, nonce: String(nonce) });
  }
  return handedOut;
}

/** Who takes a job, and with which nonce. */
export interface Acknowledgement extends TypeOwner {
  readonly jobId: string;
  readonly nonce: string;
  readonly worker: string;
  /** Of a partner's worker; absent for one of a custom type. */
  readonly clientToken?: string;
}

export type AcknowledgeProblem = "jobNotFound" | "invalidClientToken" | "invalidNonce";

/** Gives a job to a worker for good, or answers why not. */
export async function acknowledgeJob(
  tx: Tx,
  request: Acknowledgement,
  now: number,
): Promise<{ readonly problem: AcknowledgeProblem } | { readonly job: JobTable; readonly row: ActionExecutionRow }> {
  const { jobId, nonce, worker } = request;
  const found = await findPolledJob(tx, jobId, request);
  if ("problem" in found) return found;
  const { job, waiting } = found;
  const row = await tx.first(findActionExecution, { id: job.action_execution_id });
  const isOver = job.status !== "Dispatched" || row?.status !== "InProgress";
  if (isOver || !acknowledge(stateOf(waiting), nonce)) return { problem: "invalidNonce" };
  await tx.run(saveAcknowledgement, { id: jobId, acknowledged_at: now, worker });
  return { job, row };
}

/** Finds a job that workers poll for, if whoever asks may know of it. */
export async function findPolledJob(
  reader: Pick<Reader, "first">,
  jobId: string,
  { account, region, clientToken }: TypeOwner & { readonly clientToken?: string },
): Promise<
  | { readonly problem: "jobNotFound" | "invalidClientToken" }
  | { readonly job: JobTable; readonly waiting: WorkerJobTable }
> {
  const job = await reader.first(findJob, { id: jobId });
  const waiting = job && (await reader.first(findWorkerJob, { id: jobId }));
  if (!waiting) return { problem: "jobNotFound" };
  const problem = strangerProblem(job, { account, region, clientToken });
  return problem ? { problem } : { job, waiting };
}

/**
 * Why somebody may not speak of a job. A partner's job does not exist for who has no client token; who has it may be of
 * another account, as partners are. Any other job does not exist outside of its account, nor for who comes with a token.
 */
export function strangerProblem(
  job: JobTable,
  { account, region, clientToken: given }: TypeOwner & { readonly clientToken?: string | undefined },
): "jobNotFound" | "invalidClientToken" | undefined {
  const { client_token: wanted } = job;
  if (job.region !== region || (wanted === null) !== (given === undefined)) return "jobNotFound";
  if (wanted === null) return job.account === account ? undefined : "jobNotFound";
  return wanted === given ? undefined : "invalidClientToken";
}

function waitingFor(reader: Reader, poll: Poll, now: number, limit: number): Promise<readonly WorkerJobTable[]> {
  const { account, region, actionType, queryValue } = poll;
  const wanted = { account, region, action_type: actionType, now, limit };
  return queryValue === undefined
    ? reader.all(listWaitingWorkerJobs, wanted)
    : reader.all(listWaitingWorkerJobsOf, { ...wanted, query_value: queryValue });
}

function stateOf({ nonce, offered_until, is_waiting }: WorkerJobTable) {
  return { nonce, offeredUntil: offered_until, isWaiting: is_waiting === 1 };
}
