import { randomUUID } from "node:crypto";
import type { CodePipelineJobEvent, JobArtifact } from "../event.ts";

/**
 * What an event is to say.
 *
 * @example
 * ```ts
 * const options: JobEventOptions = { parameters: { table: "orders" }, inputs: ["Source"], outputs: ["Report"] };
 * ```
 */
export interface JobEventOptions {
  /** A random one unless given. */
  readonly jobId?: string;
  /** UserParameters; absent unless given. What is no text is written as JSON. */
  readonly parameters?: unknown;
  /** Names of input artifacts; none unless given. */
  readonly inputs?: readonly string[];
  /** Names of output artifacts; none unless given. */
  readonly outputs?: readonly string[];
  /** What the job before continued with; absent unless given. */
  readonly continuationToken?: string | undefined;
  /** The artifact store's key; absent unless given. */
  readonly kmsKeyId?: string | undefined;
  /** When the artifact credentials end. Unit: epoch milliseconds. Default: in 15 minutes. */
  readonly credentialsEndAt?: number | undefined;
}

/** The bucket of the events made here. */
export const BUCKET = "artifacts";

/**
 * An event exactly as CodePipeline gives it to a function: what does not apply is absent, an output's revision is null.
 *
 * Errors: none.
 *
 * @example
 * ```ts
 * const event = jobEvent({ parameters: { table: "orders" }, inputs: ["Source"] });
 * ```
 */
export function jobEvent(options: JobEventOptions = {}): CodePipelineJobEvent {
  const { jobId = randomUUID(), parameters, inputs = [], outputs = [], continuationToken, kmsKeyId } = options;
  const text = typeof parameters === "string" ? parameters : JSON.stringify(parameters);
  return {
    "CodePipeline.job": {
      id: jobId,
      accountId: "000000000000",
      data: {
        actionConfiguration: {
          configuration: { FunctionName: "tested", ...(parameters !== undefined && { UserParameters: text }) },
        },
        inputArtifacts: inputs.map((name) => artifact(name, "revision-1", `tested/${name.slice(0, 10)}/${name}.zip`)),
        outputArtifacts: outputs.map((name) => artifact(name, null, `tested/${name.slice(0, 10)}/${name}`)),
        artifactCredentials: {
          accessKeyId: "ASIATESTED",
          secretAccessKey: "the-secret-access-key",
          sessionToken: "the-session-token",
          expirationTime: options.credentialsEndAt ?? Date.now() + 15 * 60_000,
        },
        ...(continuationToken !== undefined && { continuationToken }),
        ...(kmsKeyId !== undefined && { encryptionKey: { id: kmsKeyId, type: "KMS" } }),
      },
    },
  };
}

function artifact(name: string, revision: string | null, objectKey: string): JobArtifact {
  return { name, revision, location: { type: "S3", s3Location: { bucketName: BUCKET, objectKey } } };
}
