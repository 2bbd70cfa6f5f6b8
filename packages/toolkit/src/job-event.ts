import type { CodePipelineJob, CodePipelineJobEvent } from "./event.ts";
import { member } from "./member.ts";

/**
 * The function was called with something that is no job, so there is nobody to report to. The message says what is
 * missing in the event, and has no value of it.
 *
 * @example
 * ```ts
 * if (error instanceof InvalidJobEvent) console.log(error.message);
 * ```
 */
export class InvalidJobEvent extends Error {
  /** Always `InvalidJobEvent`. */
  override readonly name = "InvalidJobEvent";
}

/**
 * The job of an event, after a look at whether it is one.
 *
 * Errors: `InvalidJobEvent` that says what is missing. No value of the event is in the message.
 *
 * @example
 * ```ts
 * const { id, data } = readJobEvent(event);
 * ```
 */
export function readJobEvent(event: unknown): CodePipelineJob {
  const job = member(event, "CodePipeline.job");
  const missing = ["job", "job.id", "job.data", "job.data.inputArtifacts", "job.data.outputArtifacts"].find(
    (path) => !path.split(".").reduce<unknown>(member, { job }),
  );
  if (missing) {
    throw new InvalidJobEvent(`This is no event of CodePipeline's Invoke action: CodePipeline.${missing} is missing.`);
  }
  return job as CodePipelineJob; // as far as it was looked at; the rest is optional or read with care
}

/**
 * A copy of a job's event that may be logged: the credentials are replaced by `***`.
 *
 * Errors: `InvalidJobEvent` when it is none.
 *
 * @example
 * ```ts
 * console.log(JSON.stringify(withoutCredentials(event)));
 * ```
 */
export function withoutCredentials(event: CodePipelineJobEvent): CodePipelineJobEvent {
  const job = readJobEvent(event);
  const masked = { accessKeyId: "***", secretAccessKey: "***", sessionToken: "***" };
  const artifactCredentials = { ...job.data.artifactCredentials, ...masked };
  return { "CodePipeline.job": { ...job, data: { ...job.data, artifactCredentials } } };
}
