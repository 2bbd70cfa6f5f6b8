import type { CodePipelineJob, CodePipelineJobEvent } from "./event.ts";
import type { StandardSchema } from "./standard-schema.ts";

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
  const data = member(job, "data");
  const wrong =
    (typeof job !== "object" && "CodePipeline.job") ||
    (typeof member(job, "id") !== "string" && "CodePipeline.job.id") ||
    (typeof data !== "object" && "CodePipeline.job.data") ||
    (!Array.isArray(member(data, "inputArtifacts")) && "CodePipeline.job.data.inputArtifacts") ||
    (!Array.isArray(member(data, "outputArtifacts")) && "CodePipeline.job.data.outputArtifacts");
  if (wrong) {
    throw new InvalidJobEvent(
      `This is not the event of a CodePipeline job: ${wrong} is missing. The function is made to be called by an Invoke action of CodePipeline.`,
    );
  }
  return job as CodePipelineJob; // as far as it was looked at; the rest is optional or read with care
}

/**
 * The event as a schema of Standard Schema, for whoever only wants to check it.
 *
 * Errors: none; what is wrong is in `issues`, without any value of the event.
 *
 * @example
 * ```ts
 * const result = await jobEventSchema["~standard"].validate(event);
 * if (!result.issues) console.log(result.value["CodePipeline.job"].id);
 * ```
 */
export const jobEventSchema: StandardSchema<CodePipelineJobEvent> = {
  "~standard": {
    version: 1,
    vendor: "penstock",
    validate(value) {
      try {
        return { value: { "CodePipeline.job": readJobEvent(value) } };
      } catch (error) {
        return { issues: [{ message: error instanceof Error ? error.message : String(error) }] };
      }
    },
  },
};

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
  const { expirationTime } = job.data.artifactCredentials;
  const artifactCredentials = { accessKeyId: "***", secretAccessKey: "***", sessionToken: "***", expirationTime };
  return { "CodePipeline.job": { ...job, data: { ...job.data, artifactCredentials } } };
}

const member = (of: unknown, key: string): unknown =>
  typeof of === "object" && of !== null ? (of as Record<string, unknown>)[key] : undefined; // any object has any key
