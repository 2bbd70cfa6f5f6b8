/**
 * What is known of one execution, as people are shown it. `startView` makes it from the declaration, so that
 * what has not begun is there too; `reduceView` takes one entry of the story into it. Both are pure.
 */
import type { ArtifactPlace, StoryEntry } from "../server-port.ts";

export type Status =
  | "NotStarted"
  | "InProgress"
  | "Succeeded"
  | "Failed"
  | "Stopped"
  | "Superseded"
  | "Cancelled"
  | "Abandoned";

export interface RunView {
  readonly pipeline: string;
  readonly executionId: string | undefined;
  readonly status: Status;
  /** Epoch milliseconds, here and below. */
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly stages: readonly StageView[];
  /** The latest remarks that belong to no action. */
  readonly notes: readonly string[];
}

export interface StageView {
  readonly name: string;
  readonly status: Status;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly actions: readonly ActionView[];
}

export interface ActionView {
  readonly name: string;
  readonly provider: string;
  /** What the action works with: the function of a Lambda action, the object of an S3 source. */
  readonly subject: string;
  readonly actionExecutionId: string | undefined;
  readonly status: Status;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  /** How often a function said that it goes on later. */
  readonly continuations: number;
  readonly attempts: readonly AttemptView[];
  /** The latest lines that functions wrote, and how many there were before these. */
  readonly log: readonly string[];
  readonly logLinesDropped: number;
  readonly notes: readonly string[];
  readonly refused: readonly RefusedCall[];
  readonly reported: { readonly result: "success" | "failure" | "continuation"; readonly message?: string } | undefined;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly artifacts: readonly ArtifactPlace[];
  readonly variables: Readonly<Record<string, string>>;
}

/** One run of a function: several where it continued, or was tried again. */
export interface AttemptView {
  readonly requestId: string;
  readonly attempt: number;
  readonly functionName: string;
  readonly outcome: "running" | "returned" | "raised" | "timedOut" | "crashed" | "couldNotStart";
  readonly durationMs: number | undefined;
  readonly returned: string | undefined;
  readonly error:
    | {
        readonly errorType: string;
        readonly errorMessage: string;
        readonly stackTrace: readonly string[];
        /** Where in the function's own code, as `app.py:17`. */
        readonly place?: string;
      }
    | undefined;
}

/** A call that a function made and that was not allowed, or failed. */
export interface RefusedCall {
  readonly service: string;
  readonly operation: string;
  readonly code: string;
  readonly message: string;
}

/** Lines of one action's log that are kept; a function may write without end. */
export const LOG_LINES_KEPT_MAX = 200;
export const ATTEMPTS_KEPT_MAX = 100;
export const REFUSED_KEPT_MAX = 20;
export const NOTES_KEPT_MAX = 20;

interface DeclaredStage {
  readonly name: string;
  readonly actions: readonly {
    readonly name: string;
    readonly actionTypeId: { readonly provider: string };
    readonly configuration?: Readonly<Record<string, string>>;
  }[];
}

/** An execution before it began. */
export function startView(pipeline: { readonly name: string; readonly stages: readonly DeclaredStage[] }): RunView {
  return {
    pipeline: pipeline.name,
    executionId: undefined,
    ...NOT_BEGUN,
    stages: pipeline.stages.map(({ name, actions }) => ({
      name,
      ...NOT_BEGUN,
      actions: actions.map((action) =>
        newAction(action.name, action.actionTypeId.provider, action.configuration ?? {}),
      ),
    })),
    notes: [],
  };
}

/** Takes one entry in. Entries of an unknown stage or action change nothing. */
export function reduceView(view: RunView, entry: StoryEntry): RunView {
  if (entry.type === "executionStarted") {
    return { ...view, executionId: entry.executionId, status: "InProgress", startedAt: view.startedAt ?? entry.at };
  }
  if (entry.type === "executionFinished") return { ...view, status: entry.status, finishedAt: entry.at };
  const { stage, action } = entry;
  if (stage === undefined) return entry.type === "note" ? noteOnRun(view, entry.message) : view;
  return { ...view, stages: replaceNamed(view.stages, stage, (found) => reduceStage(found, action, entry)) };
}

/** Adds a remark of the command itself, or of the server. */
export function noteOnRun(view: RunView, message: string): RunView {
  return { ...view, notes: keepLast(view.notes, message, NOTES_KEPT_MAX) };
}

function reduceStage(stage: StageView, action: string | undefined, entry: StoryEntry): StageView {
  if (entry.type === "stageStarted")
    return { ...stage, status: "InProgress", startedAt: entry.at, finishedAt: undefined };
  if (entry.type === "stageFinished") return { ...stage, status: entry.status, finishedAt: entry.at };
  if (action === undefined) return stage;
  return { ...stage, actions: replaceNamed(stage.actions, action, (found) => reduceAction(found, entry)) };
}

function reduceAction(action: ActionView, entry: StoryEntry): ActionView {
  switch (entry.type) {
    case "actionStarted":
      return startAction(action, entry.provider, entry.configuration, entry);
    case "actionFinished":
      return finishAction(action, entry);
    case "invoked":
      return { ...action, attempts: keepLast(action.attempts, newAttempt(entry), ATTEMPTS_KEPT_MAX) };
    case "attemptEnded":
      return { ...action, attempts: endAttempt(action, entry) };
    case "logLine":
      return addLogLine(action, entry.line);
    case "note":
      return { ...action, notes: keepLast(action.notes, entry.message, NOTES_KEPT_MAX) };
    case "apiCall":
      return addRefused(action, entry);
    case "reported":
      return addReport(action, entry);
    default:
      return action;
  }
}

type Entry<T extends StoryEntry["type"]> = Extract<StoryEntry, { readonly type: T }>;

/** A retried action begins anew; what its earlier execution did is history. */
function startAction(
  action: ActionView,
  provider: string,
  configuration: Readonly<Record<string, string>>,
  { at, actionExecutionId }: StoryEntry,
): ActionView {
  return { ...newAction(action.name, provider, configuration), status: "InProgress", startedAt: at, actionExecutionId };
}

function finishAction(action: ActionView, entry: Entry<"actionFinished">): ActionView {
  return {
    ...action,
    status: entry.status,
    finishedAt: entry.at,
    error: entry.error,
    artifacts: entry.outputArtifacts,
    variables: entry.outputVariables,
  };
}

function endAttempt(action: ActionView, entry: Entry<"attemptEnded">): readonly AttemptView[] {
  const { requestId, attempt, outcome, durationMs, returned, error } = entry;
  const index = action.attempts.findLastIndex((begun) => begun.requestId === requestId && begun.attempt === attempt);
  const begun = action.attempts[index];
  if (!begun) return action.attempts; // it began before its entries were kept
  return action.attempts.with(index, { ...begun, outcome, durationMs, returned, error });
}

function addLogLine(action: ActionView, line: string): ActionView {
  const dropped = action.log.length >= LOG_LINES_KEPT_MAX ? 1 : 0;
  return {
    ...action,
    log: keepLast(action.log, line, LOG_LINES_KEPT_MAX),
    logLinesDropped: action.logLinesDropped + dropped,
  };
}

function addRefused(action: ActionView, { service, operation, error }: Entry<"apiCall">): ActionView {
  if (!error) return action;
  return { ...action, refused: keepLast(action.refused, { service, operation, ...error }, REFUSED_KEPT_MAX) };
}

/** The first result counts; what a function says after it is answered, and changes nothing. */
function addReport(action: ActionView, { result, message }: Entry<"reported">): ActionView {
  const continuations = action.continuations + (result === "continuation" ? 1 : 0);
  if (action.reported && action.reported.result !== "continuation") return action;
  return { ...action, continuations, reported: { result, ...(message === undefined ? {} : { message }) } };
}

const NOT_BEGUN = { status: "NotStarted", startedAt: undefined, finishedAt: undefined } as const;

function newAction(name: string, provider: string, configuration: Readonly<Record<string, string>>): ActionView {
  return {
    name,
    provider,
    subject: subjectOf(configuration),
    actionExecutionId: undefined,
    ...NOT_BEGUN,
    continuations: 0,
    attempts: [],
    log: [],
    logLinesDropped: 0,
    notes: [],
    refused: [],
    reported: undefined,
    error: undefined,
    artifacts: [],
    variables: {},
  };
}

function subjectOf(configuration: Readonly<Record<string, string>>): string {
  const { FunctionName, S3Bucket, S3ObjectKey, BucketName, ObjectKey = "" } = configuration;
  if (FunctionName) return FunctionName;
  if (BucketName) return `s3://${BucketName}/${ObjectKey}`;
  return S3Bucket && S3ObjectKey ? `s3://${S3Bucket}/${S3ObjectKey}` : "";
}

function newAttempt({ requestId, attempt, functionName }: Entry<"invoked">): AttemptView {
  return {
    requestId,
    attempt,
    functionName,
    outcome: "running",
    durationMs: undefined,
    returned: undefined,
    error: undefined,
  };
}

function keepLast<T>(list: readonly T[], item: T, max: number): readonly T[] {
  return list.length < max ? [...list, item] : [...list.slice(list.length - max + 1), item];
}

function replaceNamed<T extends { readonly name: string }>(
  list: readonly T[],
  name: string,
  change: (item: T) => T,
): readonly T[] {
  return list.map((item) => (item.name === name ? change(item) : item));
}
