import { ACTION_MS_MAX, type JobReport } from "@penstock/pipeline";
import type { Clock } from "../clock.ts";
import { findActionExecution } from "../store/action-execution.ts";
import { findJob, listWaitingJobs } from "../store/job.ts";
import { deleteWork, findNextDueWork, listDueWork, listWork, type WorkTable } from "../store/work.ts";
import { expireWaiting } from "./approvals.ts";
import type { Commit, EngineOptions } from "./engine.ts";
import { advanceJob, endAction, type JobContext, readAction } from "./jobs.ts";
import { objectionToReport } from "./objection.ts";
import {
  type ActionProvider,
  type ActionResult,
  failed,
  type RunningProvider,
  type StartedAction,
} from "./providers/provider.ts";

/*
 * Promised work, done. A row of the outbox stays until its work is done, so what a crash cut off is begun
 * again by `recover`. Work that has to wait has a due time; whoever holds the timer calls `doDue`.
 */

export interface Outbox {
  /** Runs an action whose provider does the work itself. */
  runAction(action: StartedAction): Promise<void>;
  /** Begins everything that is on record and not in hand: only after a start. */
  recover(): Promise<void>;
  /** Does what is due; answers when to look next. */
  doDue(): Promise<number | undefined>;
}

export function createOutbox(
  options: EngineOptions,
  context: JobContext,
  commit: Commit,
  timeOut: (jobId: string) => Promise<boolean>,
): Outbox {
  const { store, clock, declarations, providerOf, invoke, callPartner, onFault, onMoment } = options;

  async function runAction(action: StartedAction): Promise<void> {
    const { output } = await resultInTime(providerOf(action), action, clock);
    onMoment?.("action.done");
    await commit("finishAction", async (tx, happened) => {
      await tx.run(deleteWork, { id: action.id });
      const row = await tx.first(findActionExecution, { id: action.id });
      if (row?.status === "InProgress") await endAction(tx, action, output, clock.now(), context, happened);
    });
  }

  async function begin(work: WorkTable): Promise<void> {
    if (work.kind === "invoke") return invoke(work);
    if (work.kind === "callPartner") return callPartner?.(work);
    if (work.kind === "advance") return await advance(work.id);
    if (work.kind === "expire") {
      return await commit("finishAction", (tx, happened) => expireWaiting(tx, work.id, clock.now(), context, happened));
    }
    const row = await store.read.first(findActionExecution, { id: work.id });
    if (row) await runAction(await readAction(store.read, row, declarations));
    else await commit("dropWork", (tx) => tx.run(deleteWork, { id: work.id })); // its pipeline was deleted
  }

  async function advance(jobId: string): Promise<void> {
    const text = (await store.read.first(findJob, { id: jobId }))?.report;
    const report = text == null ? undefined : (JSON.parse(text) as JobReport); // we wrote it, and a report stays
    const objection = report && (await objectionToReport({ jobId, report }, options));
    await commit("advanceJob", async (tx, happened) => {
      const job = await tx.first(findJob, { id: jobId });
      if ((await tx.run(deleteWork, { id: jobId })) === 0 || !job || !report) return;
      const row = await tx.first(findActionExecution, { id: job.action_execution_id });
      const told = { job, report, ...(objection && { objection }) };
      if (row) await advanceJob(tx, { ...told, row }, clock.now(), context, happened);
    });
  }

  async function nextDue(): Promise<number | undefined> {
    const job = await store.read.first(listWaitingJobs, { limit: 1 });
    const work = await store.read.first(findNextDueWork, { now: clock.now() });
    const dues = [job?.reply_due_at, work?.due_at].filter((due) => due !== undefined);
    return dues.length > 0 ? Math.min(...dues) : undefined;
  }

  return {
    runAction,
    async recover() {
      for (const row of await store.read.all(listWork, {})) {
        // What cannot be put off is due whatever its row says: the machine's clock may have been set back.
        if (!canWait(row) || row.due_at <= clock.now()) void begin(row).catch(onFault);
      }
    },
    async doDue() {
      const now = clock.now();
      for (const job of await store.read.all(listWaitingJobs, { limit: DUE_AT_ONCE_MAX })) {
        if (job.reply_due_at > now) break;
        await timeOut(job.id);
      }
      // What is in hand is not begun again: an action that runs and a first attempt are begun by their commit.
      const due = await store.read.all(listDueWork, { now, limit: DUE_AT_ONCE_MAX });
      // Calls first, while the list is true: a commit later another look may have begun them.
      for (const row of due) if (row.kind === "invoke") await begin(row);
      for (const row of due) if (row.kind !== "invoke") await begin(row);
      if (due.length === DUE_AT_ONCE_MAX) return now; // there may be more
      return await nextDue();
    },
  };
}

/** How much is done at one look; what is left is looked at right after. */
const DUE_AT_ONCE_MAX = 1_000;

/** The next look at a job, the end of a wait and a later attempt have their time; all else begins with the commit that promises it. */
function canWait({ kind, attempt }: WorkTable): boolean {
  return kind === "advance" || kind === "expire" || attempt > 1;
}

/**
 * Runs an action until it has ended or its time is up. What still runs of it then is told to end.
 *
 * Source: reference §3.5 for the times; our choice for the code and the words of what is late.
 */
async function resultInTime(
  provider: ActionProvider | undefined,
  action: StartedAction,
  clock: Clock,
): Promise<ActionResult> {
  if (provider?.type !== "run") return notRun(action);
  const limitMs = provider.limitMs ?? ACTION_MS_MAX;
  const controller = new AbortController();
  const late = Promise.withResolvers<ActionResult>();
  const cancel = clock.wakeAt(action.startedAt + limitMs, () => {
    controller.abort();
    late.resolve(failed("JobFailed", `The action took longer than its ${limitMs / 60_000} minutes.`));
  });
  try {
    return await Promise.race([resultOf(provider, action, controller.signal), late.promise]);
  } finally {
    cancel();
  }
}

function notRun({ name, input }: StartedAction): ActionResult {
  const { category, owner, provider } = input.actionTypeId;
  return failed(
    "ConfigurationError",
    `Penstock does not run actions of the type ${category}/${owner}/${provider} yet, as action ${name} is one. Replace it by a Lambda action, or leave it out, to run this pipeline here.`,
  );
}

/** A provider that throws met a fault of the world; the action fails with it rather than hang. */
async function resultOf(provider: RunningProvider, action: StartedAction, signal: AbortSignal): Promise<ActionResult> {
  try {
    return await provider.run(action, signal);
  } catch (error) {
    return failed("SystemUnavailable", error instanceof Error ? error.message : String(error));
  }
}
