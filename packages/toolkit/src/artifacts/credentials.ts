import type { CodePipelineJob } from "../event.ts";
import { PermissionError } from "../failure.ts";
import { failureText, failureTypeOf } from "../failure-of.ts";
import { CREDENTIALS_MS, RENEW_BEFORE_MS } from "../limits.ts";
import type { JobCredentials, Surroundings } from "../surroundings.ts";

/**
 * A job's artifact credentials whenever they are asked for: those of the event and, when they are about to end, new
 * ones by GetJobDetails.
 *
 * Errors: `PermissionError` when they have ended and the function's role may not ask for new ones.
 */
export function artifactCredentials(
  { id, data }: CodePipelineJob,
  { now, renewCredentials }: Pick<Surroundings, "now" | "renewCredentials">,
): () => Promise<JobCredentials> {
  const { expirationTime = now() + CREDENTIALS_MS, ...keys } = data.artifactCredentials;
  let current: JobCredentials = { ...keys, expiration: new Date(expirationTime) };
  const remainingMs = () => Number(current.expiration) - now();
  return async () => {
    try {
      if (remainingMs() <= RENEW_BEFORE_MS) current = await renewCredentials(id);
    } catch (cause) {
      if (remainingMs() <= 0) throw failureTypeOf(cause) === "PermissionError" ? notRenewed(cause) : cause;
    }
    return current;
  };
}

const notRenewed = (cause: unknown) =>
  new PermissionError(
    `The job's artifact credentials have ended, and new ones were denied. For runs of more than 15 minutes the function's role needs codepipeline:GetJobDetails: ${failureText(cause)}`,
    { cause },
  );
