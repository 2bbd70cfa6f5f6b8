import type { Clock } from "../../clock.ts";
import type { FunctionHost, FunctionSpec } from "../../functions/host.ts";
import type { Identity, SessionCaller } from "../../identity/identity.ts";
import { findActionExecution } from "../../store/action-execution.ts";
import { findJob } from "../../store/job.ts";
import type { Store } from "../../store/store.ts";
import { deleteWork, insertWork, type WorkTable } from "../../store/work.ts";
import type { Declarations } from "../declarations.ts";
import { readAction } from "../jobs.ts";
import type { StoryTeller } from "../story-teller.ts";
import type { Timing } from "../timing.ts";
import { attemptAll, type Call } from "./attempts.ts";
import { artifactCredentials, buildJobEvent } from "./job-event.ts";
import { Outstanding } from "./outstanding.ts";
import type { ActionError, PromisedJob } from "./provider.ts";

/*
 * Lambda's queue of asynchronous invocations. Each is a row of the outbox until it is done with: it was
 * answered without an error, or was tried as often as Lambda tries. An error is tried again with the same
 * event and request id, after a delay that depends on the timing.
 *
 * A job that already has its report is not called again after a restart (`begin`), though within one life
 * of the server Lambda's retry of a function that raised after its report is played as it is.
 */

export interface InvocationQueue {
  /** Calls the function of a job that has just been promised. */
  beginForJob(work: WorkTable, job: PromisedJob): void;
  /** Calls what a row promises: after a restart, or because a retry is due. */
  begin(work: WorkTable): void;
  /** Puts a call from outside on record; durable when it resolves. */
  enqueue(requestId: string, functionArn: string, payload: Buffer): Promise<void>;
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
  /** By name, partial ARN or ARN. */
  findFunction(reference: string, region: string): Promise<FunctionSpec | undefined>;
  /** Ends a job that waits, as failed, before its function could report. */
  failJob(jobId: string, error: ActionError): Promise<void>;
  /** The last attempt has ended; the job may still wait. */
  onExhausted(jobId: string): Promise<void>;
  /** Looks at due rows at this time. Epoch milliseconds. */
  wakeAt(at: number): void;
  onMoment?(moment: "invocation.begin" | "invocation.end"): void;
  onFault(error: unknown): void;
}

/** What a row of the outbox holds for this queue: a job, or a call from outside with its payload in base64. */
type InvokeBody = { readonly jobId: string } | { readonly functionArn: string; readonly payload: string };

export function createInvocationQueue(options: InvocationQueueOptions): InvocationQueue {
  const { store, clock, onFault } = options;
  /** By request id; with the job, once a call for one is prepared. */
  const inHand = new Map<string, PromisedJob | undefined>();
  /** Jobs in hand by the key of their artifact credentials. */
  const byArtifactKey = new Map<string, PromisedJob>();
  const outstanding = new Outstanding();
  let closed = false;

  /** Runs a call unless it is in hand already, and forgets its row when it is over. */
  async function take(id: string, run: () => Promise<boolean>): Promise<void> {
    if (closed || inHand.has(id)) return;
    inHand.set(id, undefined);
    try {
      if (await run()) store.defer(async (tx) => void (await tx.run(deleteWork, { id })));
    } finally {
      inHand.delete(id);
    }
  }

  function beginForJob(work: WorkTable, job: PromisedJob): void {
    const { executionId } = job.action;
    outstanding.add(executionId);
    void take(work.id, () => callForJob(work, job))
      .catch(onFault)
      .finally(() => outstanding.remove(executionId));
  }

  async function callForJob(work: WorkTable, job: PromisedJob): Promise<boolean> {
    const call = await prepareCall(work, job, options);
    if ("error" in call) {
      await options.failJob(job.id, call.error);
      return true;
    }
    inHand.set(work.id, job);
    byArtifactKey.set(call.artifactKeyId, job);
    try {
      const isOver = await attemptAll(call, options, () => closed);
      if (isOver) await options.onExhausted(job.id);
      return isOver;
    } finally {
      byArtifactKey.delete(call.artifactKeyId);
    }
  }

  async function beginFromRow(work: WorkTable): Promise<void> {
    const body = JSON.parse(work.body) as InvokeBody; // we wrote it
    const found =
      "jobId" in body ? await findWaitingJob(body.jobId, options) : await options.findFunction(body.functionArn, "");
    if (!found) {
      await store.transact((tx) => tx.run(deleteWork, { id: work.id }));
    } else if ("action" in found) {
      beginForJob(work, found);
    } else if ("payload" in body) {
      const call: Call = { work, spec: found, payload: Buffer.from(body.payload, "base64"), secrets: [] };
      await take(work.id, () => attemptAll(call, options, () => closed));
    }
  }

  return {
    beginForJob,
    begin: (work) => void beginFromRow(work).catch(onFault),
    async enqueue(requestId, functionArn, payload) {
      const body: InvokeBody = { functionArn, payload: payload.toString("base64") };
      const work: WorkTable = {
        id: requestId,
        kind: "invoke",
        body: JSON.stringify(body),
        attempt: 1,
        due_at: clock.now(),
      };
      await store.transact((tx) => tx.run(insertWork, work));
      void beginFromRow(work).catch(onFault);
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

interface JobCall extends Call {
  readonly job: PromisedJob;
  readonly artifactKeyId: string;
}

/** Everything that a job's call needs, or why there can be none. */
async function prepareCall(
  work: WorkTable,
  job: PromisedJob,
  { clock, identity, findFunction }: InvocationQueueOptions,
): Promise<JobCall | { readonly error: ActionError }> {
  const { id, action, continuationToken } = job;
  const name = action.input.resolvedConfiguration["FunctionName"] ?? "";
  const spec = await findFunction(name, action.input.region);
  // Source: reference §5.2, observed.
  if (!spec)
    return { error: { code: "ConfigurationError", message: `The AWS Lambda function ${name} does not exist.` } };
  const now = clock.now();
  const access = await identity.authorize({
    caller: asCaller(action.account, action.roleArn, String(now)),
    action: "lambda:InvokeFunction",
    resource: spec.arn,
  });
  if (!access.allowed) return { error: { code: "PermissionError", message: access.message } };
  const credentials = artifactCredentials(identity, action, now);
  const token = continuationToken === undefined ? {} : { continuationToken };
  const event = buildJobEvent({ jobId: id, action, ...token }, credentials);
  const secrets = [credentials.secretAccessKey, credentials.sessionToken];
  const payload = Buffer.from(JSON.stringify(event));
  return { work, spec, payload, job, secrets, artifactKeyId: credentials.accessKeyId };
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

/** The pipeline calls with its role; this is who it then is. */
export function asCaller(account: string, roleArn: string, sessionName: string): SessionCaller {
  const role = roleArn.split("/").at(-1) ?? roleArn;
  const arn = `arn:aws:sts::${account}:assumed-role/${role}/${sessionName}`;
  return { type: "session", account, arn, accessKeyId: "", roleArn, sessionName, expiresAt: Number.POSITIVE_INFINITY };
}
