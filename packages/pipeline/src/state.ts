/*
 * What can still change of one pipeline. Whatever has ended is a fact, and leaves the state.
 *
 * In SUPERSEDED and QUEUED mode one state holds every execution of the pipeline, because they meet at
 * its stages. In PARALLEL mode each execution has a state of its own.
 */

export type ExecutionMode = "SUPERSEDED" | "QUEUED" | "PARALLEL";

export interface PipelineState {
  readonly pipeline: string;
  readonly mode: ExecutionMode;
  /** In flight, in the order of their start. */
  executions: ExecutionState[];
}

/**
 * One pipeline execution. It keeps the structure that it started with: an update of the pipeline does
 * not touch what is in flight (`Source: our choice`; the service cancels or ends it, reference §10.3).
 */
export interface ExecutionState {
  readonly id: string;
  readonly version: number;
  readonly structure: Structure;
  status: "InProgress" | "Stopping";
  /** Index of the stage that it is in, or waits before. */
  stage: number;
  /** False while it waits before the stage. */
  entered: boolean;
  /** The actions of the stage that were started, by name. */
  actions: Record<string, ActionState>;
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
}

/** A pipeline that nothing runs in. */
export function idlePipeline(pipeline: string, mode: ExecutionMode): PipelineState {
  return { pipeline, mode, executions: [] };
}
