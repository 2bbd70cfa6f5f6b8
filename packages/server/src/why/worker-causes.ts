/** Causes that lie between a job that workers poll for and its worker. */

import { type Chapter, evidenceOf, oneLine, sentence } from "./chapter.ts";
import type { Finding } from "./diagnosis.ts";
import { duration } from "./duration.ts";
import type { ActionFacts, WorkerFacts } from "./facts.ts";

/** What is to be said of a job that waits for its worker, or that came to its end without a result of one. */
export function workerFindings(chapter: Chapter, worker: WorkerFacts, facts: ActionFacts): readonly Finding[] {
  const { job, reported } = chapter;
  if (reported?.result === "failure") {
    const text = `The worker reported that it failed: ${sentence(reported.message ?? "")}`;
    const remedy = "The text is the worker's own; its log tells more.";
    return [{ cause: "reportedFailure", sentence: text, evidence: [evidenceOf(reported)], remedy }];
  }
  if (reported || job.isReported || (job.status !== "Dispatched" && job.status !== "TimedOut")) return errorOf(facts);
  if (worker.acknowledgedAt !== undefined) return job.status === "TimedOut" ? [silent(chapter, worker)] : [];
  return [worker.handedOutAt === undefined ? unasked(chapter, worker) : unacknowledged(worker, worker.handedOutAt)];
}

/** How an action stands whose job is with a worker, or waits for one. */
export function workerStanding({ job }: Chapter, worker: WorkerFacts, { now }: ActionFacts): string {
  const until = `without a result the action fails in ${duration(job.replyDueAt - now)}`;
  if (worker.acknowledgedAt === undefined) return `The job waits for a worker; ${until}.`;
  return `The worker ${worker.name ?? "of the job"} has worked on the job for ${duration(now - worker.acknowledgedAt)}; ${until}.`;
}

function unasked({ job }: Chapter, { actionType, queryValue }: WorkerFacts): Finding {
  const { operation, command } = pollOf(actionType);
  const asked = queryValue === undefined ? "" : ` with queryParam for the value ${queryValue}`;
  return {
    cause: "noWorker",
    sentence: `No worker has asked for the job: nobody has called ${operation} for ${actionType}${asked} since it waits.`,
    evidence: [{ at: job.dispatchedAt, text: `job ${job.id} waits since then for a worker of ${actionType}` }],
    remedy: `Start the worker of this action type, and point it at this server, account and region. Whether it would be handed the job is seen with this, which holds the job for a minute:\n${command}`,
  };
}

function unacknowledged({ actionType, name }: WorkerFacts, handedOutAt: number): Finding {
  const acknowledge = actionType.startsWith("Custom/") ? "AcknowledgeJob" : "AcknowledgeThirdPartyJob";
  return {
    cause: "notAcknowledged",
    sentence: `The worker ${name ?? "that asked last"} was handed the job and has not acknowledged it.`,
    evidence: [{ at: handedOutAt, text: `the job was handed to ${name ?? "a worker"}` }],
    remedy: `A worker calls ${acknowledge} with the id and the nonce of the same answer before it begins. Without that the job is handed out again after a minute, with another nonce.`,
  };
}

function silent({ job }: Chapter, { name, acknowledgedAt = job.dispatchedAt }: WorkerFacts): Finding {
  return {
    cause: "noReport",
    sentence: `The worker ${name ?? "of the job"} took the job and put no result in time.`,
    evidence: [{ at: acknowledgedAt, text: `job ${job.id} was taken by ${name ?? "a worker"}` }],
    remedy:
      "Look whether the worker still runs, and whether it calls PutJobSuccessResult or PutJobFailureResult on every way out. A custom action has 24 hours in all; a partner's type may give each of its jobs less.",
  };
}

function errorOf({ error, status, updatedAt }: ActionFacts): readonly Finding[] {
  if (!error || status !== "Failed") return [];
  const text = `${error.code}: ${oneLine(error.message)}`;
  const remedy = "The text says what is wrong; mend that and start the pipeline again.";
  return [{ cause: "actionFailed", sentence: sentence(text), evidence: [{ at: updatedAt, text }], remedy }];
}

function pollOf(actionType: string): { readonly operation: string; readonly command: string } {
  const [owner, category, provider, version] = actionType.split("/");
  const isCustom = owner === "Custom";
  const id = `category=${category},owner=${owner},provider=${provider},version=${version}`;
  return {
    operation: isCustom ? "PollForJobs" : "PollForThirdPartyJobs",
    command: `aws codepipeline ${isCustom ? "poll-for-jobs" : "poll-for-third-party-jobs"} --action-type-id ${id}`,
  };
}
