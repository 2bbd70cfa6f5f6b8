/*
 * What can still change of one pipeline. Whatever has ended is a fact, and leaves the state.
 *
 * In SUPERSEDED and QUEUED mode one state holds every execution of the pipeline, because they meet at
 * its stages. In PARALLEL mode each execution has a state of its own.
 */

import type { StageRetryMode } from "./definition.ts";

export type ExecutionMode = "SUPERSEDED" | "QUEUED" | "PARALLEL";

export interface PipelineState {
  readonly pipeline: string;
  readonly mode: ExecutionMode;
  /** In flight, in the order of their start. */
  executions: ExecutionState[];
  /**
   * Failed or stopped in the stage that they are in, which nobody has entered since: what a retry takes up.
   * At most one a stage. Absent when there is none.
   */
  retryable?: ExecutionState[];
  /** Names of the stages whose inbound transition is disabled. Absent when there is none. */
  closed?: readonly string[];
}

/** One pipeline execution. It keeps the structure that it started with. */
export interface ExecutionState {
  readonly id: string;
  readonly version: number;
  readonly structure: Structure;
  /** Its place in the order of starts: higher is later. Only among those that are here together. */
  readonly order: number;
  status: "InProgress" | "Stopping";
  /** Index of the stage that it is in, or waits before. */
  stage: number;
  /** False while it waits before the stage. */
  entered: boolean;
  /** The actions of the stage that were started, by name. */
  actions: Record<string, ActionState>;
  /** How often it has begun the stage, 1 for the first time: the last part of the ids of the actions that it starts. */
  attempt: number;
  /** Whether the stage was retried by itself. */
  wasRetried?: boolean;
  /** Whether the pipeline was updated since the start. Then only what runs goes on. */
  isOutdated?: boolean;
}

export interface ActionState {
  /** `execution/stage/action/attempt`. */
  readonly id: string;
  status: ActionStatus;
}

export type ActionStatus = "InProgress" | "Succeeded" | "Failed" | "Abandoned";

/** The order of a pipeline: all that deciding needs of its declaration. */
export interface Structure {
  readonly stages: readonly StageStructure[];
}

export interface StageStructure {
  readonly name: string;
  readonly actions: readonly { readonly name: string; readonly runOrder: number }[];
  /** Present when a failure of the stage is retried by itself, once. */
  readonly retryOnFailure?: StageRetryMode;
}

/** A pipeline that nothing runs in. `closed` names the stages whose inbound transition is disabled. */
export function idlePipeline(pipeline: string, mode: ExecutionMode, closed: readonly string[] = []): PipelineState {
  return { pipeline, mode, executions: [], ...(closed.length > 0 && { closed }) };
}

/** Whether nothing is left that an event could change, so that the state need not be kept. */
export function isIdle({ executions, retryable }: PipelineState): boolean {
  return executions.length === 0 && !retryable;
}

/** The stage that an execution is in, or waits before. */
export function stageOf({ structure, stage }: ExecutionState): StageStructure | undefined {
  return structure.stages[stage];
}

/** Whether an action has ended without success. */
export function hasFailed({ status }: ActionState): boolean {
  return status === "Failed" || status === "Abandoned";
}
