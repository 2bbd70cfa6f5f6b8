import type { Clock } from "../../clock.ts";
import type { FunctionHost } from "../../functions/host.ts";
import { createReservedConcurrency, type ReservedConcurrency } from "../../functions/reserved-concurrency.ts";
import type { Identity, PolicyDocument } from "../../identity/identity.ts";
import { findActionExecution } from "../../store/action-execution.ts";
import { findJob } from "../../store/job.ts";
import type { Store } from "../../store/store.ts";
import { deleteWork, findWork, insertWork, type WorkTable } from "../../store/work.ts";
import type { Home } from "../../wire/operation.ts";
import type { Declarations } from "../declarations.ts";
import { readAction } from "../jobs.ts";
import type { StoryTeller } from "../story-teller.ts";
import type { Timing } from "../timing.ts";
import { asCaller } from "./as-caller.ts";
import { type AttemptOptions, attemptAll, type Call, type CalledFunction } from "./attempts.ts";
import { handOn, resourcePolicyOf } from "./destinations.ts";
import { invokeWork, readInvokeBody } from "./invoke-body.ts";
import { artifactCredentials, buildJobEvent } from "./job-event.ts";
import { Outstanding } from "./outstanding.ts";
import { type ActionError, homeOfAction, type PromisedJob } from "./provider.ts";
import { whyNotAssume } from "./why-not-assume.ts";

/*
 * Lambda's queue of asynchronous invocations. Each is a row of the outbox until it is done with: it was
 * answered without an error, was tried as often as Lambda tries, or became too old. An error is tried again
 * with the same event and request id, after a delay that depends on the timing; a call that finds no room
 * within what is reserved for the function waits, and does not count as a try. When it is over, its record goes
 * to the destination that the function's settings name.
 *
 * The event of a job that waits for its next attempt, credentials and all, stays in memory and nowhere else. After a
 * restart, and for what is more than is kept, the next attempt gets an event with fresh credentials.
 *
 * A job that already has its report is not called again after a restart (`begin`), though within one life
 * of the server Lambda's retry of a function that raised after its report is played as it is.
 */

/** How many events of waiting jobs are kept: a few megabytes. */
const WAITING_CALLS_COUNT_MAX = 1_000;

export interface InvocationQueue {
  /** Calls the function of a job that has just been promised. */
  beginForJob(work: WorkTable, job: PromisedJob): void;
  /** Calls what a row promises: after a restart, or because a retry is due. */
  begin(work: WorkTable): void;
  /** Puts a call from outside on record; durable when it resolves. */
  enqueue(call: DirectCall): Promise<void>;
  /**
   * The job in whose name a key signs: a function's own key while it works on the job, and the job's artifact
   * credentials while the job is in hand. Nothing for any other key.
   */
  jobOf(accessKeyId: string): PromisedJob | undefined;
  /** Resolves when no invocation of an execution's jobs is in hand, retries at once included. */
  idle(executionId: string): Promise<void>;
  /** From now on, ends of attempts are not acted on: the server is stopping, the rows stay. */
  close(): void;
}

export interface InvocationQueueOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly story: StoryTeller;
  readonly host: FunctionHost;
  readonly identity: Identity;
  readonly declarations: Declarations;
  /** By name, partial ARN or ARN, with a version or an alias behind it or without. */
  findFunction(reference: string, home: Home): Promise<CalledFunction | undefined>;
  /** The policy of what a function's ARN names. None has one unless given. */
  functionPolicy?(functionArn: string): Promise<PolicyDocument | undefined>;
  /** Shared with whoever else calls functions; the queue's own unless given. */
  readonly concurrency?: ReservedConcurrency;
  /** Ends a job that waits, as failed, before its function could report. */
  failJob(jobId: string, error: ActionError): Promise<void>;
  /** The last attempt has ended; the job may still wait. */
  onExhausted(jobId: string): Promise<void>;
  /** Looks at due rows at this time. Epoch milliseconds. */
  wakeAt(at: number): void;
  onMoment?(moment: "invocation.begin" | "invocation.end"): void;
  onFault(error: unknown): void;
  /** Told what is lost for a reason that people can do something about. */
  warn?(message: string): void;
}

/** An asynchronous call from outside. */
export interface DirectCall {
  readonly requestId: string;
  /** With a version or an alias, if the caller named one. */
  readonly functionArn: string;
  readonly payload: Buffer;
  /** JSON. */
  readonly clientContext?: string;
}

export function createInvocationQueue(options: InvocationQueueOptions): InvocationQueue {
  const { store, clock } = options;
  /** By request id; with the job, once a call for one is prepared. */
  const inHand = new Map<string, PromisedJob | undefined>();
  /** Jobs in hand by the key of their artifact credentials. */
  const byArtifactKey = new Map<string, PromisedJob>();
  /** Calls of jobs whose next attempt has to wait, by request id. */
  const waitingCalls = new Map<string, JobCall>();
  const outstanding = new Outstanding();
  let closed = false;
  const onFault = (error: unknown) => {
    if (!closed) options.onFault(error); // a server that stops kills functions, which is no fault
  };
  const begin = (work: WorkTable) => void beginFromRow(work).catch(onFault);
  const attempting: AttemptOptions = {
    ...options,
    concurrency: options.concurrency ?? createReservedConcurrency(),
    leaks: new Set(),
    begin,
    isClosed: () => closed,
  };

  /** Runs a call unless it is in hand already, and forgets its row when it is over. */
  async function take(id: string, run: () => Promise<boolean>): Promise<void> {
    if (closed || inHand.has(id)) return;
    inHand.set(id, undefined);
    let isOver = false;
    try {
      isOver = await run();
    } finally {
      if (isOver) forget(id);
      else inHand.delete(id);
    }
  }

  /** A call stays in hand until its row is gone: a look at what is due would begin it again. */
  function forget(id: string): void {
    store.defer(async (tx) => {
      await tx.run(deleteWork, { id });
      setImmediate(() => inHand.delete(id)); // the commit comes within this turn of the event loop
    });
  }

  function beginForJob(work: WorkTable, job: PromisedJob): void {
    const { executionId } = job.action;
    outstanding.add(executionId);
    void take(work.id, () => callForJob(work, job))
      .catch(onFault)
      .finally(() => outstanding.remove(executionId));
  }

  async function callForJob(work: WorkTable, job: PromisedJob): Promise<boolean> {
    const call = await prepareCall(work, job, options, waitingCalls.get(work.id));
    waitingCalls.delete(work.id);
    if ("error" in call) {
      await options.failJob(job.id, call.error);
      return true;
    }
    inHand.set(work.id, job);
    byArtifactKey.set(call.artifactKeyId, job);
    try {
      const isOver = await attemptAndHandOn(call);
      if (isOver) await options.onExhausted(job.id);
      else if (waitingCalls.size < WAITING_CALLS_COUNT_MAX) waitingCalls.set(work.id, call);
      return isOver;
    } finally {
      byArtifactKey.delete(call.artifactKeyId);
    }
  }

  /** Answers whether it is over. */
  async function attemptAndHandOn(call: Call): Promise<boolean> {
    const ending = await attemptAll(call, attempting);
    const next = ending && (await handOn(call, ending, options));
    if (next) begin(next);
    return ending !== undefined;
  }

  async function beginFromRow({ id }: WorkTable): Promise<void> {
    if (inHand.has(id)) return;
    // Whoever says that it is time may be late: a call that was put off has several who wake it.
    const work = await store.read.first(findWork, { id });
    if (!work) return;
    const body = readInvokeBody(work);
    const waiting = waitingCalls.get(work.id)?.job; // whatever became of the job: Lambda knows nothing of it
    const found =
      "jobId" in body
        ? (waiting ?? (await findWaitingJob(body.jobId, options)))
        : await options.findFunction(body.functionArn, NOWHERE);
    if (!found) {
      await store.transact((tx) => tx.run(deleteWork, { id: work.id }));
    } else if ("action" in found) {
      beginForJob(work, found);
    } else if ("payload" in body) {
      const call: Call = { work, body, spec: found, payload: Buffer.from(body.payload, "base64"), secrets: [] };
      await take(work.id, () => attemptAndHandOn(call));
    }
  }

  return {
    beginForJob,
    begin,
    async enqueue({ requestId, payload, ...call }) {
      const work = invokeWork(requestId, { at: clock.now(), payload: payload.toString("base64"), ...call });
      await store.transact((tx) => tx.run(insertWork, work));
      begin(work);
    },
    jobOf(accessKeyId) {
      const requestId = options.host.invocationOf(accessKeyId);
      return requestId === undefined ? byArtifactKey.get(accessKeyId) : inHand.get(requestId);
    },
    idle: (executionId) => outstanding.none(executionId),
    close: () => {
      closed = true;
    },
  };
}

/** Where nothing belongs: an ARN says itself where it does. */
const NOWHERE: Home = { account: "", region: "" };

interface JobCall extends Call {
  readonly job: PromisedJob;
  readonly artifactKeyId: string;
}

/** Everything that a job's call needs, or why there can be none. With `before`, the function gets the same event again. */
async function prepareCall(
  work: WorkTable,
  job: PromisedJob,
  options: InvocationQueueOptions,
  before: JobCall | undefined,
): Promise<JobCall | { readonly error: ActionError }> {
  const { clock, identity, findFunction } = options;
  const { id, action, continuationToken } = job;
  const name = action.input.resolvedConfiguration["FunctionName"] ?? "";
  const spec = await findFunction(name, homeOfAction(action));
  // Source: reference §5.2, observed.
  if (!spec)
    return { error: { code: "ConfigurationError", message: `The AWS Lambda function ${name} does not exist.` } };
  if (before) return { ...before, work, body: readInvokeBody(work), spec };
  const now = clock.now();
  const refused = await whyNotAssume(identity, action, now);
  if (refused !== undefined) return { error: { code: "PermissionError", message: refused } };
  const resource = spec.invokedArn ?? spec.arn;
  const access = await identity.authorize({
    caller: asCaller(action.roleArn, String(now)),
    action: "lambda:InvokeFunction",
    resource,
    ...(await resourcePolicyOf(resource, options)),
  });
  if (!access.allowed) return { error: { code: "PermissionError", message: access.message } };
  const credentials = artifactCredentials(identity, action, now);
  const token = continuationToken === undefined ? {} : { continuationToken };
  const event = buildJobEvent({ jobId: id, action, ...token }, credentials);
  const secrets = [credentials.secretAccessKey, credentials.sessionToken];
  const payload = Buffer.from(JSON.stringify(event));
  return { work, body: readInvokeBody(work), spec, payload, job, secrets, artifactKeyId: credentials.accessKeyId };
}

/** A job from its rows, if it still waits for a report. */
async function findWaitingJob(
  jobId: string,
  { store, declarations }: InvocationQueueOptions,
): Promise<PromisedJob | undefined> {
  const job = await store.read.first(findJob, { id: jobId });
  const row = job && (await store.read.first(findActionExecution, { id: job.action_execution_id }));
  if (job?.status !== "Dispatched" || row?.status !== "InProgress") return undefined;
  const token = job.continuation_token === null ? {} : { continuationToken: job.continuation_token };
  return { id: jobId, number: job.number, action: await readAction(store.read, row, declarations), ...token };
}
