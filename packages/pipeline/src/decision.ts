import type { PipelineState } from "./state.ts";

/** What the core answers to an event. */
export type Decision = Accepted | { readonly ok: false; readonly rejection: Rejection };

export interface Accepted {
  readonly ok: true;
  readonly state: PipelineState;
  /** History, in order. */
  readonly facts: readonly Fact[];
  /** Work for after the save, done at least once. */
  readonly effects: readonly Effect[];
}

export type Fact =
  | { readonly type: "executionStarted"; readonly executionId: string; readonly version: number }
  | { readonly type: "executionStopping"; readonly executionId: string }
  | { readonly type: "executionFinished"; readonly executionId: string; readonly status: FinishedStatus }
  | { readonly type: "stageStarted"; readonly executionId: string; readonly stage: string }
  | {
      readonly type: "stageFinished";
      readonly executionId: string;
      readonly stage: string;
      readonly status: StageEndStatus;
    }
  /** The execution is in progress again, in the stage where it had failed or was stopped, or where something of it failed. */
  | {
      readonly type: "stageRetried";
      readonly executionId: string;
      readonly stage: string;
      readonly trigger: RetryTrigger;
    }
  | ({ readonly type: "actionStarted" } & ActionPlace)
  | ({ readonly type: "actionFinished"; readonly status: "Succeeded" | "Failed" | "Abandoned" } & ActionPlace);

/** Who retried a stage: a person, or `onFailure` of the stage. */
export type RetryTrigger = "ManualStageRetry" | "AutomatedStageRetry";

export type FinishedStatus = "Succeeded" | "Failed" | "Stopped" | "Superseded" | "Cancelled";

/** Only who waits before a stage is superseded. */
export type StageEndStatus = Exclude<FinishedStatus, "Superseded">;

export interface ActionPlace {
  readonly executionId: string;
  readonly version: number;
  readonly stage: string;
  readonly action: string;
  /** `execution/stage/action/attempt`. */
  readonly actionExecutionId: string;
}

export type Effect = { readonly type: "startAction" } & ActionPlace;

/** A refusal by rule. The wire turns each into the service's error. */
export type Rejection =
  | { readonly reason: "actionNotRunning"; readonly actionExecutionId: string }
  | { readonly reason: "executionNotFound"; readonly executionId: string }
  | { readonly reason: "executionAlreadyStarted"; readonly executionId: string }
  | { readonly reason: "alreadyStopping"; readonly executionId: string }
  /** `why` is for people. */
  | { readonly reason: "stageNotRetryable"; readonly executionId: string; readonly why: string }
  /** A later execution came into the stage, or the execution never did. */
  | { readonly reason: "notLatestExecution"; readonly executionId: string; readonly stage: string }
  /** The stage runs again already, or the execution is about to stop. */
  | { readonly reason: "retryConflicts"; readonly executionId: string; readonly why: string };

/** A state or event that the rules exclude: a bug of ours, never a refusal. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Where `apply` and `settle` put what they decide. */
export interface Outcome {
  readonly facts: Fact[];
  readonly effects: Effect[];
}
