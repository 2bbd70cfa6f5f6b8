import type { CodePipelineJob } from "../event.ts";
import { PermissionError } from "../failure.ts";
import { failureText, failureTypeOf } from "../failure-of.ts";
import type { CodePipelineCalls, JobCredentials } from "../surroundings.ts";

/** Credentials with less time left than this are renewed, so that a call that begins now can end. Unit: milliseconds. */
const RENEW_BEFORE_MS = 60_000;

/** What credentials last when nothing says so. Unit: milliseconds. Source: reference, AWS's own workers. */
export const CREDENTIALS_MS = 15 * 60_000;

/**
 * A job's artifact credentials whenever they are asked for: those of the event and, when they are about to end, new
 * ones by GetJobDetails.
 *
 * Errors: `PermissionError` when they have ended and the function's role may not ask for new ones.
 */
export function artifactCredentials(
  job: CodePipelineJob,
  codePipeline: CodePipelineCalls,
  now: () => number,
): () => Promise<JobCredentials> {
  const { expirationTime = now() + CREDENTIALS_MS, ...keys } = job.data.artifactCredentials;
  let current: JobCredentials = { ...keys, expiresAt: expirationTime };
  let renewal: Promise<JobCredentials> | undefined;
  const renew = async (): Promise<JobCredentials> => {
    try {
      current = await codePipeline.freshCredentials(job.id);
    } catch (error) {
      if (current.expiresAt <= now()) throw cannotRenew(error);
    }
    return current;
  };
  return async () => {
    if (current.expiresAt - now() > RENEW_BEFORE_MS) return current;
    renewal ??= renew().finally(() => {
      renewal = undefined;
    });
    return await renewal;
  };
}

function cannotRenew(cause: unknown): unknown {
  if (failureTypeOf(cause) !== "PermissionError") return cause;
  return new PermissionError(
    `The job's artifact credentials have ended, and new ones were denied. For runs of more than 15 minutes the function's role needs codepipeline:GetJobDetails on all resources: ${failureText(cause)}`,
    { cause },
  );
}
