import type { JobReport } from "@penstock/pipeline";
import { accountOfArn } from "../../identity/arn.ts";
import type { ActionInput, ActionOutput } from "../../store/action-execution.ts";
import type { Tx } from "../../store/store.ts";
import type { Home } from "../../wire/operation.ts";

/** An action that has started, with all that a provider needs to know of it. */
export interface StartedAction {
  /** The uuid that clients see. */
  readonly id: string;
  /** The core's id: `execution/stage/action/attempt`. */
  readonly path: string;
  readonly account: string;
  /** The pipeline's region. */
  readonly region: string;
  /** The pipeline's ARN and name. */
  readonly pipeline: string;
  readonly pipelineName: string;
  readonly executionId: string;
  readonly stage: string;
  readonly name: string;
  readonly input: ActionInput;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** The action's own role, which may be of another account, or the pipeline's. */
  readonly roleArn: string;
  readonly pipelineRoleArn: string;
  /** The KMS key of the artifact store of the action's region, if it declares one. */
  readonly encryptionKey?: { readonly id: string; readonly type: "KMS" };
}

/** Where an action's names belong: to its role's account, in its region. */
export function homeOfAction({ roleArn, input }: Pick<StartedAction, "roleArn" | "input">): Home {
  return { account: accountOfArn(roleArn), region: input.region };
}

/** How an action ended. */
export type ActionResult =
  | { readonly status: "Succeeded"; readonly output: ActionOutput }
  | { readonly status: "Failed"; readonly output: ActionOutput & { readonly error: ActionError } };

export interface ActionError {
  /** One of the service's failure types, such as `ConfigurationError`. */
  readonly code: string;
  readonly message: string;
}

/** What runs the actions of one provider. */
export type ActionProvider = RunningProvider | JobProvider | WaitingProvider;

/** Does the work itself, after the commit that promised it; at least once, so twice must be harmless. */
export interface RunningProvider {
  readonly type: "run";
  /** How long an action may take; after that it fails. Unit: milliseconds. An hour unless given. */
  readonly limitMs?: number;
  /** `signal` ends work that nobody waits for any more. */
  run(action: StartedAction, signal: AbortSignal): Promise<ActionResult>;
}

/** Waits for the word of a person until some time, and then ends by itself. */
export interface WaitingProvider {
  readonly type: "wait";
  /** How long it waits. Unit: milliseconds. */
  waitMs(action: StartedAction): number;
  /** What people are told when it begins to wait. */
  asks(action: StartedAction): { readonly message: string };
  /** What history shows while it waits. */
  outputOf(action: StartedAction): ActionOutput;
  /** How it ends when nobody has said anything. */
  expired(action: StartedAction): ActionOutput & { readonly error: ActionError };
  /** How it ends when its pipeline is updated while it waits. */
  cancelled(action: StartedAction): ActionOutput & { readonly error: ActionError };
}

/**
 * Hands the work out as a job and learns of its end by a report. `promise` is called in the transaction
 * that puts the job on record and writes the work to do after it; it answers how to begin that work.
 */
export interface JobProvider {
  readonly type: "job";
  promise(tx: Tx, job: PromisedJob): Promise<() => void>;
  /** How long a job may take, and the action with all its jobs. Unit: milliseconds. */
  limitsOf(action: StartedAction): { readonly jobMs: number; readonly actionMs: number };
  /** What history shows of an action whose job reported, or came to its end without a report. */
  outputOf(action: StartedAction, told: Told): ActionOutput;
  /** What it shows of one that goes on after a report; absent where that is nothing. */
  progressOf?(action: StartedAction, told: Told): ActionOutput;
  /** The secret that has to come with every word on the action's jobs; absent where there is none. */
  clientTokenOf?(tx: Tx, action: StartedAction): Promise<string | null>;
}

/** What is known of an action at a report of its job. */
export interface Told {
  /** Absent when the job ended without one. */
  readonly report?: JobReport;
  /** What history has shown until now. */
  readonly before: ActionOutput;
}

export interface PromisedJob {
  readonly id: string;
  /** 1 for the action's first job. */
  readonly number: number;
  readonly continuationToken?: string;
  readonly action: StartedAction;
}

export function failed(code: string, message: string, output: ActionOutput = {}): ActionResult {
  return { status: "Failed", output: { ...output, error: { code, message } } };
}
