import type { ExecutionMode, JobReport, Rejection } from "@penstock/pipeline";
import type { Clock } from "../clock.ts";
import { findExecution, updateExecutionStopReason } from "../store/execution.ts";
import { findJob } from "../store/job.ts";
import type { Store, Tx } from "../store/store.ts";
import { insertWork, type WorkTable } from "../store/work.ts";
import { type ApprovalDecision, type ApprovalProblem, beginWaiting, decideApproval } from "./approvals.ts";
import type { Declarations } from "./declarations.ts";
import { DueTimer } from "./due-timer.ts";
import { type HappenContext, type Happened, happen } from "./happen.ts";
import { createJob, endWaiting, type JobContext, type ReportProblem, reportJob } from "./jobs.ts";
import { objectionToReport } from "./objection.ts";
import { createOutbox } from "./outbox.ts";
import { outdateExecutions } from "./outdate-executions.ts";
import { type PipelinePlace, placeOfArn } from "./place.ts";
import type { ActionError, ActionProvider, StartedAction } from "./providers/provider.ts";
import { type RetryStage, retryStage } from "./retry-stage.ts";
import { type SetTransition, setTransition } from "./set-transition.ts";
import { type StartExecution, startExecution } from "./start-execution.ts";
import type { StoryTeller } from "./story-teller.ts";
import type { Timing } from "./timing.ts";

/*
 * The engine saves what the core decides and then does what was promised.
 *
 * Everything goes through `commit`: one transaction, then, once it is durable, the story and the work.
 * Promised work is a row in the outbox until it is done; `recover` begins it again after a crash. Whatever
 * is due later has a row too, and one timer for all of them.
 */

export interface EngineOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly story: StoryTeller;
  readonly declarations: Declarations;
  /** The provider of an action's type, or nothing when Penstock cannot run it. */
  providerOf(action: StartedAction): ActionProvider | undefined;
  /** What is said of an action whose job never reported. */
  unreportedError(action: StartedAction): ActionError;
  /** What speaks against the success that a function reports; absent where nothing may. */
  objectionTo?(action: StartedAction): Promise<ActionError | undefined>;
  /** The token that an action's first job carries: only a replay has one. */
  tokenOfFirstJob?(action: StartedAction): string | undefined;
  /** Begins an invocation that a row of the outbox promises. */
  invoke(work: WorkTable): void;
  /** Begins a call of a partner's function that a row of the outbox promises. */
  callPartner?(work: WorkTable): void;
  onMoment?(moment: Moment): void;
  /** Told of faults that no caller waits for: our own bugs, a full disk. */
  onFault(error: unknown): void;
}

/** One transaction, then, once it is durable, the story and the work that it promised. */
export type Commit = <T>(change: Change, work: (tx: Tx, happened: Happened) => Promise<T>) => Promise<T>;

/** What a transaction is about. */
export type Change =
  | "savePipeline"
  | "deletePipeline"
  | "saveActionType"
  | "startExecution"
  | "stopExecution"
  | "retryStage"
  | "setTransition"
  | "decideApproval"
  | "finishAction"
  | "handOutJobs"
  | "acknowledgeJob"
  | "takeReport"
  | "advanceJob"
  | "failJob"
  | "timeOutJob"
  | "dropWork";

/** The moments at which a crash is different from one a moment before: where a simulation kills the process. */
export type Moment =
  | `${Change}.written` // all rows are written, nothing is committed
  | `${Change}.committed` // durable, but nothing that follows has begun
  | "action.done" // a provider has done its work, and nobody has it on record
  | "invocation.begin" // a function is about to be called
  | "invocation.end"; // an attempt has ended, and nobody has acted on it

export interface Engine {
  /** Answers the execution's id, an older one when its token was seen before; nothing if there is no such pipeline. */
  start(request: StartExecution): Promise<string | undefined>;
  /** The same inside a transaction of the caller's. */
  startIn(tx: Tx, request: StartExecution, happened: Happened): Promise<string | undefined>;
  stop(executionId: string, abandon: boolean, reason: string | undefined): Promise<Rejection | undefined>;
  retryStage(request: RetryStage): Promise<Rejection | undefined>;
  setTransition(request: SetTransition): Promise<void>;
  /** Lets what is in flight of a pipeline end, because the transaction gives it another declaration. */
  outdateIn(tx: Tx, pipeline: PipelinePlace, happened: Happened): Promise<void>;
  /** Takes a person's word on an approval. */
  decideApproval(decision: ApprovalDecision): Promise<ApprovalProblem | undefined>;
  report(request: ReportRequest): Promise<ReportProblem | undefined>;
  /** Ends a waiting job without a report, as timed out. Answers whether it really waited. */
  timeOut(jobId: string): Promise<boolean>;
  /** Ends a waiting job as failed, before its function could be called. */
  failJob(jobId: string, error: ActionError): Promise<void>;
  /** Looks at due work at this time at the latest. Epoch milliseconds. */
  wakeAt(at: number): void;
  /** Looks at due work now; resolves when it is done or begun. */
  lookNow(): Promise<void>;
  readonly commit: Commit;
  /** Begins what a crash or a stop left undone. */
  recover(): Promise<void>;
  close(): void;
}

export interface ReportRequest {
  readonly jobId: string;
  readonly account: string;
  readonly region: string;
  readonly report: JobReport;
  /** The secret that a partner's worker shows; absent for any other job. */
  readonly clientToken?: string;
}

export function createEngine(options: EngineOptions): Engine {
  const { store, clock, timing, story, declarations, providerOf } = options;
  const commit: Commit = async (change, work) => {
    const happened: Happened = { story: [], begin: [] };
    const answer = await store.transact(async (tx) => {
      const done = await work(tx, happened);
      options.onMoment?.(`${change}.written`);
      return done;
    });
    options.onMoment?.(`${change}.committed`);
    story.tell(...happened.story);
    for (const begin of happened.begin) begin();
    return answer;
  };
  const happenContext: HappenContext = { declarations, promise };
  const context: JobContext = { timing, declarations, happen: happenContext, providerOf };
  const outbox = createOutbox(options, context, commit, timeOut);
  const timer = new DueTimer(clock, () => outbox.doDue().catch(rest));

  async function promise(tx: Tx, action: StartedAction, now: number, happened: Happened): Promise<void> {
    const provider = providerOf(action);
    if (provider?.type === "wait") {
      const dueAt = await beginWaiting(tx, action, provider, now, happened);
      happened.begin.push(() => timer.at(dueAt));
      return;
    }
    if (provider?.type === "job") {
      const continuationToken = options.tokenOfFirstJob?.(action);
      const first = {
        action,
        number: 1,
        startedAt: now,
        ...(continuationToken !== undefined && { continuationToken }),
      };
      const replyDueAt = await createJob(tx, first, now, context, happened);
      happened.begin.push(() => timer.at(replyDueAt));
      return;
    }
    await tx.run(insertWork, { id: action.id, kind: "runAction", body: "{}", attempt: 1, due_at: now });
    happened.begin.push(() => void outbox.runAction(action).catch(options.onFault));
  }

  async function timeOut(jobId: string): Promise<boolean> {
    // Almost every function has reported when it ends, and finding that out should cost no commit.
    const job = await store.read.first(findJob, { id: jobId });
    if (job?.status !== "Dispatched") return false;
    return await commit("timeOutJob", (tx, happened) =>
      endWaiting(tx, jobId, "TimedOut", clock.now(), context, happened, (action, external) => ({
        ...external,
        error: options.unreportedError(action),
      })),
    );
  }

  function rest(error: unknown): number {
    options.onFault(error);
    return clock.now() + FAULT_PAUSE_MS;
  }

  return {
    commit,
    timeOut,
    async failJob(jobId, error) {
      await commit("failJob", (tx, happened) =>
        endWaiting(tx, jobId, "Failed", clock.now(), context, happened, () => ({ error })),
      );
    },
    wakeAt: (at) => timer.at(at),
    lookNow: () => timer.now(),
    start: (request) =>
      commit("startExecution", (tx, happened) => startExecution(tx, request, clock.now(), happenContext, happened)),
    startIn: (tx, request, happened) => startExecution(tx, request, clock.now(), happenContext, happened),
    stop: (executionId, abandon, reason) =>
      commit("stopExecution", (tx, happened) =>
        stopExecution(tx, { executionId, abandon, reason }, clock.now(), happenContext, happened),
      ),
    retryStage: (request) =>
      commit("retryStage", (tx, happened) => retryStage(tx, request, clock.now(), happenContext, happened)),
    outdateIn: (tx, pipeline, happened) => outdateExecutions(tx, pipeline, clock.now(), context, happened),
    setTransition: (request) =>
      commit("setTransition", (tx, happened) => setTransition(tx, request, clock.now(), happenContext, happened)),
    decideApproval: (decision) =>
      commit("decideApproval", (tx, happened) => decideApproval(tx, decision, clock.now(), context, happened)),
    async report(request) {
      const now = clock.now();
      // In the service's rhythm the report is acted on later, and looked at then.
      const objection = timing.tickMs > 0 ? undefined : await objectionToReport(request, options);
      const problem = await commit("takeReport", (tx, happened) =>
        reportJob(tx, { ...request, ...(objection && { objection }) }, now, context, happened),
      );
      if (timing.tickMs > 0) timer.at(now + timing.tickMs);
      return problem;
    },
    async recover() {
      await outbox.recover();
      timer.at(clock.now());
    },
    close: () => timer.stop(),
  };
}

/** How long the timer rests after a fault of ours or the world's. Unit: milliseconds. */
const FAULT_PAUSE_MS = 1_000;

async function stopExecution(
  tx: Tx,
  { executionId, abandon, reason }: { executionId: string; abandon: boolean; reason: string | undefined },
  now: number,
  context: HappenContext,
  happened: Happened,
): Promise<Rejection | undefined> {
  const execution = await tx.first(findExecution, { id: executionId });
  if (!execution) return { reason: "executionNotFound", executionId };
  const happening = {
    pipeline: placeOfArn(execution.pipeline),
    mode: execution.mode as ExecutionMode, // the column holds what CreatePipeline accepted as a mode
    executionId,
    event: { type: "stopRequested", executionId, abandon } as const,
    now,
  };
  const rejection = await happen(tx, happening, context, happened);
  if (!rejection && reason !== undefined) {
    await tx.run(updateExecutionStopReason, { id: executionId, stop_reason: reason });
  }
  return rejection;
}
