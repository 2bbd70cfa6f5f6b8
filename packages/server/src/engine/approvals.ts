import type { ActionExecutionRow, ActionOutput } from "../store/action-execution.ts";
import { findActionExecution, noteActionOutput } from "../store/action-execution.ts";
import type { Tx } from "../store/store.ts";
import { deleteWork, insertWork } from "../store/work.ts";
import type { Happened } from "./happen.ts";
import { endAction, type JobContext, readAction, storyPlace } from "./jobs.ts";
import { APPROVAL_CANCELLED, requiresSummary } from "./providers/manual-approval.ts";
import type { StartedAction, WaitingProvider } from "./providers/provider.ts";

/*
 * The life of an action that waits for a person, inside transactions. Its row of the outbox is its end by itself; a
 * decision takes the row away. Whichever comes first counts.
 */

/** A person's word on an approval. */
export interface ApprovalDecision {
  /** The ARN of the pipeline. */
  readonly pipeline: string;
  readonly stage: string;
  readonly action: string;
  readonly token: string;
  readonly status: "Approved" | "Rejected";
  readonly summary: string;
  /** The ARN of who decided. */
  readonly by: string;
}

/** Why a decision was not taken. */
export type ApprovalProblem = {
  readonly reason: "invalidToken" | "expired" | "outdated" | "alreadyCompleted" | "summaryRequired";
};

/** Lets an action wait; answers until when. */
export async function beginWaiting(
  tx: Tx,
  action: StartedAction,
  provider: WaitingProvider,
  now: number,
  happened: Happened,
): Promise<number> {
  const dueAt = now + provider.waitMs(action);
  await tx.run(noteActionOutput, { id: action.id, output: JSON.stringify(provider.outputOf(action)) });
  await tx.run(insertWork, { id: action.id, kind: "expire", body: "{}", attempt: 1, due_at: dueAt });
  const { message } = provider.asks(action);
  happened.story.push({
    ...storyPlace(action, undefined, now),
    type: "approvalNeeded",
    token: action.id,
    dueAt,
    message,
  });
  return dueAt;
}

/** Takes a decision, or says why not. */
export async function decideApproval(
  tx: Tx,
  decision: ApprovalDecision,
  now: number,
  context: JobContext,
  happened: Happened,
): Promise<ApprovalProblem | undefined> {
  const row = await tx.first(findActionExecution, { id: decision.token });
  if (!row || !isMeant(row, decision)) return { reason: "invalidToken" };
  const action = await readAction(tx, row, context.declarations);
  if (context.providerOf(action)?.type !== "wait") return { reason: "invalidToken" };
  const before = JSON.parse(row.output) as ActionOutput; // we wrote it
  if (row.status !== "InProgress") return { reason: endOf(before) };
  if (requiresSummary(action) && decision.summary.trim() === "") return { reason: "summaryRequired" };
  await tx.run(deleteWork, { id: action.id });
  await endAction(tx, action, outputOf(decision), now, context, happened);
  return undefined;
}

/** Whether an approval ended because its pipeline was updated; what a person decided has who did. */
export const isOutdated = ({ summary, updatedBy }: ActionOutput) =>
  updatedBy === undefined && summary === APPROVAL_CANCELLED;

/** How an approval has ended that is decided on too late. */
function endOf(output: ActionOutput): ApprovalProblem["reason"] {
  if (output.updatedBy !== undefined) return "alreadyCompleted";
  return isOutdated(output) ? "outdated" : "expired";
}

/** Ends an action for which nobody has decided in time. */
export async function expireWaiting(
  tx: Tx,
  id: string,
  now: number,
  context: JobContext,
  happened: Happened,
): Promise<void> {
  await tx.run(deleteWork, { id });
  const found = await findWaiting(tx, id, context);
  if (found) await endAction(tx, found.action, found.provider.expired(found.action), now, context, happened);
}

/** Ends an action that waits for a decision, because its pipeline was updated; nothing happens to any other. */
export async function cancelWaiting(
  tx: Tx,
  id: string,
  now: number,
  context: JobContext,
  happened: Happened,
): Promise<void> {
  const found = await findWaiting(tx, id, context);
  if (!found) return;
  await tx.run(deleteWork, { id });
  await endAction(tx, found.action, found.provider.cancelled(found.action), now, context, happened);
}

/** An action that waits for a decision, and what it waits by; nothing for any other. */
async function findWaiting(
  tx: Tx,
  id: string,
  context: JobContext,
): Promise<{ readonly action: StartedAction; readonly provider: WaitingProvider } | undefined> {
  const row = await tx.first(findActionExecution, { id });
  if (row?.status !== "InProgress") return undefined;
  const action = await readAction(tx, row, context.declarations);
  const provider = context.providerOf(action);
  return provider?.type === "wait" ? { action, provider } : undefined;
}

function isMeant(row: ActionExecutionRow, { pipeline, stage, action }: ApprovalDecision): boolean {
  return row.pipeline === pipeline && row.stage === stage && row.action === action;
}

/** Source: reference §14: a rejection has the code JobFailed. */
function outputOf({ token, status, summary, by }: ApprovalDecision): ActionOutput {
  const said = summary === "" ? "" : `: ${summary}`;
  return {
    externalExecutionId: token,
    summary,
    updatedBy: by,
    ...(status === "Rejected" && { error: { code: "JobFailed", message: `Rejected by ${by}${said}` } }),
  };
}
