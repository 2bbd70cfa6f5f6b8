import { decideReport, type JobReport, type ReportRefusal } from "@penstock/pipeline";
import {
  type ActionExecutionRow,
  type ActionOutput,
  findActionExecution,
  noteActionOutput,
} from "../store/action-execution.ts";
import { findExecutionCourse, type SourceRevisionRecord, updateExecutionRevisions } from "../store/execution.ts";
import { endJob, findJob, insertJob, type JobTable } from "../store/job.ts";
import type { Tx } from "../store/store.ts";
import { insertWork } from "../store/work.ts";
import type { StoryPlace } from "../story.ts";
import { InvariantError } from "../wire/error.ts";
import type { Declarations } from "./declarations.ts";
import { type HappenContext, type Happened, happen } from "./happen.ts";
import { uuidOfPath } from "./ids.ts";
import { placeOfArn } from "./place.ts";
import type { ActionError, ActionProvider, StartedAction } from "./providers/provider.ts";
import { readStartedAction } from "./start-action.ts";
import { actsAt, type Timing } from "./timing.ts";
import { strangerProblem } from "./worker-jobs.ts";

/*
 * The life of jobs, inside transactions. A job is dispatched and waits for its report. A success with a
 * token ends the job and makes the next one of the same action; any other report ends the action. With a
 * rhythm (`timing: aws`) the report is recorded at once and acted on at the next look.
 */

export interface JobContext {
  readonly timing: Timing;
  readonly declarations: Declarations;
  readonly happen: HappenContext;
  providerOf(action: StartedAction): ActionProvider | undefined;
}

/** Why a report was not taken. */
export type ReportProblem = { readonly reason: "jobNotFound" | "invalidClientToken" | ReportRefusal };

/** Puts a job on record and lets its provider promise the call; adds how to begin it. Answers when its reply is due. */
export async function createJob(
  tx: Tx,
  job: {
    readonly action: StartedAction;
    readonly number: number;
    readonly continuationToken?: string;
    readonly startedAt: number;
  },
  now: number,
  context: JobContext,
  happened: Happened,
): Promise<number> {
  const { action, number, continuationToken } = job;
  const provider = context.providerOf(action);
  if (provider?.type !== "job") throw new InvariantError(`Action ${action.path} has no provider that takes jobs.`);
  const id = uuidOfPath(`${action.path}/job/${number}`);
  const { jobMs, actionMs } = provider.limitsOf(action);
  const replyMs = context.timing.waitsForDebugger ? actionMs : jobMs;
  const replyDueAt = Math.min(now + replyMs, job.startedAt + actionMs);
  await tx.run(insertJob, {
    id,
    account: action.account,
    region: action.region,
    action_execution_id: action.id,
    number,
    status: "Dispatched",
    continuation_token: continuationToken ?? null,
    report: null,
    client_token: (await provider.clientTokenOf?.(tx, action)) ?? null,
    dispatched_at: now,
    reply_due_at: replyDueAt,
  });
  happened.story.push({
    ...storyPlace(action, id, now),
    type: "jobCreated",
    number,
    ...(continuationToken !== undefined && { continuationToken }),
  });
  const token = continuationToken === undefined ? {} : { continuationToken };
  happened.begin.push(await provider.promise(tx, { id, number, action, ...token }));
  return replyDueAt;
}

/**
 * Takes a report, or answers why not. The same report again changes nothing and is no problem. A job is known in its
 * pipeline's account and region alone. Source: our choice for the account, by the way that regions are.
 */
export async function reportJob(
  tx: Tx,
  request: {
    readonly jobId: string;
    readonly account: string;
    readonly region: string;
    readonly report: JobReport;
    readonly clientToken?: string;
    readonly objection?: ActionError;
  },
  now: number,
  context: JobContext,
  happened: Happened,
): Promise<ReportProblem | undefined> {
  const { jobId, report, objection } = request;
  const job = await tx.first(findJob, { id: jobId });
  if (!job) return { reason: "jobNotFound" };
  const stranger = strangerProblem(job, request);
  if (stranger) return { reason: stranger };
  const before = job.report === null ? {} : { report: JSON.parse(job.report) as JobReport }; // we wrote it
  const decision = decideReport({ status: job.status, ...before }, report);
  if (decision.answer === "refuse") return { reason: decision.reason };
  if (decision.answer === "repeat") return undefined;
  const status = report.type === "success" ? "Succeeded" : "Failed";
  await tx.run(endJob, { id: jobId, status, report: JSON.stringify(report) });
  const row = await tx.first(findActionExecution, { id: job.action_execution_id });
  if (row) tellReport(row, job, report, now, happened);
  const due = actsAt(job.dispatched_at, now, context.timing);
  if (due > now) {
    await tx.run(insertWork, { id: jobId, kind: "advance", body: "{}", attempt: 1, due_at: due });
    return undefined;
  }
  const told = { job, report, ...(objection && { objection }) };
  if (row) await advanceJob(tx, { ...told, row }, now, context, happened);
  return undefined;
}

function tellReport(row: ActionExecutionRow, job: JobTable, report: JobReport, now: number, happened: Happened): void {
  happened.story.push({
    at: now,
    pipeline: placeOfArn(row.pipeline).name,
    executionId: row.execution_id,
    stage: row.stage,
    action: row.action,
    actionExecutionId: row.id,
    jobId: job.id,
    type: "reported",
    ...(report.type === "failure"
      ? { result: "failure", message: `${report.failureType}: ${report.message}` }
      : { result: report.continuationToken === undefined ? "success" : "continuation" }),
  });
}

/** Acts on a report: the next job of the action, or its end. A success with an objection to it fails the action. */
export async function advanceJob(
  tx: Tx,
  {
    job,
    report,
    row,
    objection,
  }: {
    readonly job: JobTable;
    readonly report: JobReport;
    readonly row: ActionExecutionRow;
    readonly objection?: ActionError;
  },
  now: number,
  context: JobContext,
  happened: Happened,
): Promise<void> {
  if (row.status !== "InProgress") return; // stopped, abandoned or deleted meanwhile: the report counts, the pipeline does not move
  const action = await readAction(tx, row, context.declarations);
  if (report.type === "success" && report.continuationToken !== undefined) {
    await saveProgress(tx, action, report, row, context);
    const next = {
      action,
      number: job.number + 1,
      continuationToken: report.continuationToken,
      startedAt: row.started_at,
    };
    await createJob(tx, next, now, context, happened);
    return;
  }
  if (objection) {
    const { message } = objection;
    happened.story.push({ ...storyPlace(action, job.id, now), type: "note", cause: "noDeclaredOutput", message });
  }
  await endAction(tx, action, outputOf(action, report, row, context, objection), now, context, happened);
}

async function saveProgress(
  tx: Tx,
  action: StartedAction,
  report: JobReport,
  row: ActionExecutionRow,
  context: JobContext,
): Promise<void> {
  const provider = context.providerOf(action);
  if (provider?.type !== "job" || !provider.progressOf) return;
  const output = provider.progressOf(action, { report, before: outputSoFar(row) });
  await tx.run(noteActionOutput, { id: row.id, output: JSON.stringify(output) });
}

const outputSoFar = ({ output }: ActionExecutionRow) => JSON.parse(output) as ActionOutput; // we wrote it

/**
 * Ends a job that still waits, without a report, and its action with it. Answers whether it really waited.
 * `outputOf` is given what history shows of an action whose function was called.
 */
export async function endWaiting(
  tx: Tx,
  jobId: string,
  status: "TimedOut" | "Failed",
  now: number,
  context: JobContext,
  happened: Happened,
  outputOf: (action: StartedAction, external: ActionOutput) => ActionOutput,
): Promise<boolean> {
  const job = await tx.first(findJob, { id: jobId });
  if (job?.status !== "Dispatched") return false;
  await tx.run(endJob, { id: jobId, status, report: null });
  const row = await findRunning(tx, job);
  if (!row) return false;
  const action = await readAction(tx, row, context.declarations);
  const provider = context.providerOf(action);
  const external = provider?.type === "job" ? provider.outputOf(action, { before: outputSoFar(row) }) : {};
  await endAction(tx, action, outputOf(action, external), now, context, happened);
  return true;
}

/** Ends an action whose row says that it runs, with what it left, and does what follows from that. */
export async function endAction(
  tx: Tx,
  action: StartedAction,
  output: ActionOutput,
  now: number,
  context: JobContext,
  happened: Happened,
): Promise<void> {
  const execution = await tx.first(findExecutionCourse, { id: action.executionId });
  if (!execution) return;
  if (output.revisionId !== undefined) await recordRevision(tx, execution.revisions, action, output, output.revisionId);
  const rejection = await happen(
    tx,
    {
      pipeline: placeOfArn(action.pipeline),
      // The column holds what CreatePipeline accepted as a mode.
      mode: execution.mode as "SUPERSEDED" | "QUEUED" | "PARALLEL",
      executionId: action.executionId,
      event: {
        type: "actionFinished",
        executionId: action.executionId,
        actionExecutionId: action.path,
        status: output.error ? "Failed" : "Succeeded",
      },
      output,
      now,
    },
    context.happen,
    happened,
  );
  if (rejection) throw new InvariantError(`Action ${action.path} is on record as running, but not in the state.`);
}

/** Keeps what a source found with its execution, where the lists look for it. */
async function recordRevision(
  tx: Tx,
  revisions: string,
  { executionId, name, input }: StartedAction,
  { summary }: ActionOutput,
  revisionId: string,
): Promise<void> {
  const before = JSON.parse(revisions) as SourceRevisionRecord[]; // we wrote it
  const record: SourceRevisionRecord = {
    actionName: name,
    artifactName: input.outputArtifacts[0]?.name ?? "",
    revisionId,
    ...(summary !== undefined && { revisionSummary: summary }),
  };
  const others = before.filter(({ actionName }) => actionName !== name); // what it found before its stage was retried
  await tx.run(updateExecutionRevisions, { id: executionId, revisions: JSON.stringify([...others, record]) });
}

/** Where a job belongs in the story. */
export function storyPlace(action: StartedAction, jobId: string | undefined, at: number): StoryPlace {
  return {
    at,
    pipeline: action.pipelineName,
    executionId: action.executionId,
    stage: action.stage,
    action: action.name,
    actionExecutionId: action.id,
    ...(jobId !== undefined && { jobId }),
  };
}

/** The action of a row, with what its pipeline's declaration adds. */
export async function readAction(tx: Pick<Tx, "first" | "all">, row: ActionExecutionRow, declarations: Declarations) {
  const pipeline = placeOfArn(row.pipeline);
  return readStartedAction(row, pipeline, await declarations.get(tx, row.pipeline, row.pipeline_version));
}

async function findRunning(tx: Tx, job: JobTable): Promise<ActionExecutionRow | undefined> {
  const row = await tx.first(findActionExecution, { id: job.action_execution_id });
  return row?.status === "InProgress" ? row : undefined;
}

function outputOf(
  action: StartedAction,
  report: JobReport,
  row: ActionExecutionRow,
  context: JobContext,
  objection: ActionError | undefined,
): ActionOutput {
  const provider = context.providerOf(action);
  const external = provider?.type === "job" ? provider.outputOf(action, { report, before: outputSoFar(row) }) : {};
  if (objection) return { ...external, error: objection };
  if (report.type === "failure") return { ...external, error: { code: report.failureType, message: report.message } };
  return {
    outputArtifacts: action.input.outputArtifacts,
    outputVariables: report.outputVariables ?? {},
    ...external,
  };
}
