import { findActionExecution } from "../../store/action-execution.ts";
import { findJob } from "../../store/job.ts";
import type { Store } from "../../store/store.ts";
import type { Declarations } from "../declarations.ts";
import { readAction, storyPlace } from "../jobs.ts";
import type { StoryTeller } from "../story-teller.ts";
import type { InvocationQueue } from "./invocation-queue.ts";

/** A call of an AWS service that is over, as far as a story tells it. */
export interface MadeCall {
  readonly service: string;
  readonly operation: string | undefined;
  /** The key that the call says it is signed with. */
  readonly accessKeyId: string | undefined;
  readonly errorCode: string | undefined;
  readonly errorMessage: string | undefined;
  readonly input: unknown;
}

export interface CallTellerOptions {
  readonly store: Store;
  readonly story: StoryTeller;
  readonly declarations: Declarations;
  readonly queue: Pick<InvocationQueue, "jobOf">;
  now(): number;
  onFault(error: unknown): void;
}

/**
 * Tells calls of functions in the stories of their jobs. A call that no function in hand has made belongs to no
 * story, but for a refused report: that is told in the story of the job that it names, because a function may
 * report when it is long over, and whoever asks about the job wants to know.
 */
export function createCallTeller(options: CallTellerOptions): (call: MadeCall) => void {
  const { story, queue } = options;
  return (call) => {
    const named = reportedJobId(call);
    const job = call.accessKeyId === undefined ? undefined : queue.jobOf(call.accessKeyId);
    if (job) {
      const other = named !== undefined && named !== job.id ? { otherJobId: named } : {};
      story.tell({ ...storyPlace(job.action, job.id, options.now()), ...toldCall(call), ...other });
    } else if (named !== undefined && call.errorCode !== undefined) {
      void tellOfNamed(named, call, options).catch(options.onFault);
    }
  };
}

function toldCall({ service, operation = "unknown", errorCode, errorMessage = "" }: MadeCall) {
  const error = errorCode === undefined ? {} : { error: { code: errorCode, message: errorMessage } };
  return { type: "apiCall", service, operation, ...error } as const;
}

/** The job that a report is for; undefined for any other call, and for an input that was not valid. */
function reportedJobId({ service, operation, input }: MadeCall): string | undefined {
  if (service !== "codepipeline" || !/^Put(ThirdParty)?Job/.test(operation ?? "")) return undefined;
  const id = typeof input === "object" && input !== null && "jobId" in input ? input.jobId : undefined;
  return typeof id === "string" ? id : undefined;
}

async function tellOfNamed(jobId: string, call: MadeCall, options: CallTellerOptions): Promise<void> {
  const { read } = options.store;
  const job = await read.first(findJob, { id: jobId });
  const row = job && (await read.first(findActionExecution, { id: job.action_execution_id }));
  if (!row) return;
  const action = await readAction(read, row, options.declarations);
  options.story.tell({ ...storyPlace(action, jobId, options.now()), ...toldCall(call) });
}
