/** What is answered to the question why an action stands where it stands. */

/**
 * The named causes, in the order in which one is the root of another: what stands further up explains what stands
 * further down. `diagnose` tells the exceptions to this order.
 */
export const CAUSES = [
  // Nobody works on the job.
  "noWorker",
  "notAcknowledged",
  // The function could not be called.
  "functionMissing",
  "interpreterMissing",
  "syntaxError",
  "importError",
  "handlerMissing",
  "couldNotStart",
  // It asked for something and did not get it.
  "expiredCredentials",
  "denied",
  "endpointUnreachable",
  "invalidParameters",
  "reportedForAnotherJob",
  "reportedTooLate",
  "callRefused",
  // It ended before it had reported.
  "killedForMemory",
  "timedOut",
  "processEnded",
  "functionRaised",
  // No function was asked.
  "approvalRejected",
  "approvalExpired",
  "approvalOutdated",
  // It ended as it meant to.
  "noDeclaredOutput",
  "reportedFailure",
  "returnedWithoutReporting",
  // What follows from all that, or, alone, is the reason itself.
  "throttled",
  "eventTooOld",
  "outOfRetries",
  "actionFailed",
  "noReport",
  // Of an action that succeeded: what will hurt later.
  "outputWithoutKey",
  "outputWithWrongKey",
  "crashedAfterReporting",
  "loggedCredentials",
] as const;

export type Cause = (typeof CAUSES)[number];

/** One thing that went wrong, for programs and people. */
export interface Finding {
  readonly cause: Cause;
  /** What happened, in one sentence. */
  readonly sentence: string;
  /** What it is told from: entries of the story, in order. */
  readonly evidence: readonly Evidence[];
  /** What to do; may have several lines. */
  readonly remedy: string;
  /** There when it only follows from the root and adds nothing to it, such as the error in which a refused call ended. */
  readonly isConsequence?: true;
  /** The statement that a policy lacks, ready to paste. */
  readonly missing?: MissingStatement;
}

export interface Evidence {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly text: string;
}

export interface MissingStatement {
  /** Name of the role whose policy lacks it; absent where the refusal does not tell. */
  readonly role?: string;
  /** What lacks it in its own policy, such as `bucket artifacts`, where it is not a role's. */
  readonly policyOf?: string;
  readonly statement: {
    readonly Effect: "Allow";
    /** Only in a policy of a resource. */
    readonly Principal?: { readonly AWS: string };
    readonly Action: string;
    /** Absent in a role's trust. */
    readonly Resource?: string;
  };
}

export type DiagnosisState = "running" | "waiting" | "succeeded" | "failed" | "abandoned";

/** How one action stands, and why. */
export interface Diagnosis {
  readonly pipeline: string;
  readonly executionId: string;
  readonly stage: string;
  readonly action: string;
  readonly actionExecutionId: string;
  /** The latest job of the action, if it has any. */
  readonly jobId?: string;
  readonly state: DiagnosisState;
  /** The service's own words about a failed action. */
  readonly error?: { readonly code: string; readonly message: string };
  /** The root cause; absent when nothing is wrong. */
  readonly cause?: Cause;
  /** Of the root cause; without one, how the action stands. */
  readonly sentence: string;
  /** What it waits for and until when, or what runs; only while it is not over. */
  readonly standing?: string;
  readonly evidence: readonly Evidence[];
  readonly remedy: string;
  /** All that was found, the root first. */
  readonly findings: readonly Finding[];
}
