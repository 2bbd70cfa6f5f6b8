import type { StageRetryMode } from "./definition.ts";
import type { Structure } from "./state.ts";

/** What can happen to a pipeline. Ids and times are made outside and come with the event. */
export type PipelineEvent =
  | {
      readonly type: "executionStarted";
      readonly executionId: string;
      readonly version: number;
      readonly structure: Structure;
    }
  | {
      readonly type: "actionFinished";
      readonly executionId: string;
      readonly actionExecutionId: string;
      readonly status: "Succeeded" | "Failed";
    }
  | { readonly type: "stopRequested"; readonly executionId: string; readonly abandon: boolean }
  | {
      readonly type: "stageRetried";
      readonly executionId: string;
      readonly stage: string;
      readonly retryMode: StageRetryMode;
      /** The version that the pipeline has now: what was changed since an execution started cannot be retried. */
      readonly currentVersion: number;
      /** Which execution came into the stage last, if any did. */
      readonly latestExecutionId: string | undefined;
    }
  /** The pipeline has another declaration from now on. */
  | { readonly type: "pipelineUpdated" }
  /** The way into a stage was disabled, or enabled again. */
  | { readonly type: "transitionChanged"; readonly stage: string; readonly isOpen: boolean };

export type EventOf<T extends PipelineEvent["type"]> = Extract<PipelineEvent, { type: T }>;
