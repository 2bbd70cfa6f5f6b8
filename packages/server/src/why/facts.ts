/** What a diagnosis is made of: rows as they are, and the story as it was told. */
import type { ArtifactPlace, StoryEntry } from "../story.ts";

/** One action execution with the whole chain of its jobs. Times are epoch milliseconds. */
export interface ActionFacts {
  readonly pipeline: string;
  /** Twelve digits: the pipeline's account. */
  readonly account: string;
  readonly executionId: string;
  readonly stage: string;
  readonly action: string;
  readonly actionExecutionId: string;
  readonly status: string;
  readonly startedAt: number;
  readonly updatedAt: number;
  /** Of a Lambda action, as its configuration names it. */
  readonly functionName?: string;
  readonly inputArtifacts: readonly ArtifactPlace[];
  readonly outputArtifacts: readonly ArtifactPlace[];
  /** The KMS key that the artifact store declares. */
  readonly encryptionKey?: string;
  /** Of a manual approval: until when it waits, who decided, or that its pipeline was updated while it waited. */
  readonly approval?: { readonly dueAt?: number; readonly by?: string; readonly isOutdated?: true };
  readonly error?: { readonly code: string; readonly message: string };
  /** In their order. */
  readonly jobs: readonly JobFacts[];
  /** Entries of its latest jobs, in the order in which they were told. */
  readonly entries: readonly StoryEntry[];
  readonly now: number;
}

export interface JobFacts {
  readonly id: string;
  readonly number: number;
  readonly status: "Dispatched" | "Succeeded" | "Failed" | "TimedOut";
  readonly continuationToken?: string;
  readonly dispatchedAt: number;
  readonly replyDueAt: number;
  /** Whether it has a report of its own; one that timed out has none. */
  readonly isReported: boolean;
  /** When its function is called again; absent when no call is outstanding. */
  readonly nextCallAt?: number;
  /** When its report is acted on, where that waits for the service's rhythm. */
  readonly actsAt?: number;
  /** Of a job that workers poll for. */
  readonly worker?: WorkerFacts;
}

/** Where a job that workers poll for stands between them. */
export interface WorkerFacts {
  /** `<owner>/<category>/<provider>/<version>`. */
  readonly actionType: string;
  /** Of a type with a queryable property: the value that a worker must ask for. */
  readonly queryValue?: string;
  /** The last time. */
  readonly handedOutAt?: number;
  readonly acknowledgedAt?: number;
  /** The ARN that the worker signs as: who was handed the job last, or has it. */
  readonly name?: string;
}
