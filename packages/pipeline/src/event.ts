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
  | { readonly type: "stopRequested"; readonly executionId: string; readonly abandon: boolean };

export type EventOf<T extends PipelineEvent["type"]> = Extract<PipelineEvent, { type: T }>;
