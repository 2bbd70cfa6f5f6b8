/**
 * The story: what happened to executions, actions and jobs, entry by entry, as people are shown it.
 * The engine tells it, the store keeps it, `penstock run`, `invoke` and the inspector read it.
 */
export type StoryEntry = StoryPlace & StoryEvent;

/** Where in a pipeline an entry belongs. Whatever does not apply is absent. */
export interface StoryPlace {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly pipeline: string;
  readonly executionId: string;
  readonly stage?: string;
  readonly action?: string;
  readonly actionExecutionId?: string;
  readonly jobId?: string;
}

export type StoryEvent =
  | { readonly type: "executionStarted" }
  | {
      readonly type: "executionFinished";
      readonly status: "Succeeded" | "Failed" | "Stopped" | "Superseded" | "Cancelled";
    }
  | { readonly type: "stageStarted" }
  | { readonly type: "stageFinished"; readonly status: "Succeeded" | "Failed" | "Stopped" | "Cancelled" }
  /** The stage runs again, and the execution with it. */
  | { readonly type: "stageRetried"; readonly trigger: "ManualStageRetry" | "AutomatedStageRetry" }
  | {
      readonly type: "actionStarted";
      readonly provider: string;
      readonly configuration: Readonly<Record<string, string>>;
    }
  | {
      readonly type: "actionFinished";
      readonly status: "Succeeded" | "Failed" | "Abandoned";
      readonly error?: { readonly code: string; readonly message: string };
      readonly outputArtifacts: readonly ArtifactPlace[];
      readonly outputVariables: Readonly<Record<string, string>>;
    }
  /** The action waits for a person until `dueAt`, in epoch milliseconds; `message` is what the pipeline says to them. */
  | { readonly type: "approvalNeeded"; readonly token: string; readonly dueAt: number; readonly message: string }
  /** `number` is 1 for the action's first job, 2 for the one after its first continuation… */
  | { readonly type: "jobCreated"; readonly number: number; readonly continuationToken?: string }
  /** A worker has taken the job that it polled for; `worker` is the ARN that it signs as. */
  | { readonly type: "acknowledged"; readonly worker: string }
  | { readonly type: "invoked"; readonly functionName: string; readonly requestId: string; readonly attempt: number }
  | { readonly type: "logLine"; readonly requestId: string; readonly line: string }
  /** `cause` is there for programs that ask why a job stands where it stands. */
  | {
      readonly type: "note";
      readonly message: string;
      readonly cause?:
        | "throttled"
        | "retriesExhausted"
        | "eventTooOld"
        | "destination"
        | "loggedCredentials"
        | OutputCause;
    }
  | {
      readonly type: "attemptEnded";
      readonly requestId: string;
      readonly attempt: number;
      readonly outcome: "returned" | "raised" | "timedOut" | "crashed" | "couldNotStart";
      readonly durationMs: number;
      readonly returned?: string;
      readonly error?: {
        readonly errorType: string;
        readonly errorMessage: string;
        readonly stackTrace: readonly string[];
        /** Where in the function's own code, as `app.py:17`. */
        readonly place?: string;
      };
    }
  /** An AWS call that the function made: with `error` when it was refused. */
  | {
      readonly type: "apiCall";
      readonly service: string;
      readonly operation: string;
      /** The job that a report named, when it is not the one that the function works on. */
      readonly otherJobId?: string;
      readonly error?: { readonly code: string; readonly message: string };
    }
  | { readonly type: "reported"; readonly result: "success" | "failure" | "continuation"; readonly message?: string };

/** What is wrong with a declared output artifact of an action that succeeded. */
export type OutputCause = "noDeclaredOutput" | "outputWithoutKey" | "outputWithWrongKey";

/** The entries of one type. */
export type EntryOf<T extends StoryEvent["type"]> = Extract<StoryEntry, { readonly type: T }>;

export interface ArtifactPlace {
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
}
