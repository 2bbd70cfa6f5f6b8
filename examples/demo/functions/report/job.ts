/** The event of an Invoke action, and the failures that it may be answered with. */

import type { FailureDetails, FailureType } from "@aws-sdk/client-codepipeline";
import { S3ServiceException } from "@aws-sdk/client-s3";

export interface CodePipelineEvent {
  readonly "CodePipeline.job": { readonly id: string; readonly accountId: string; readonly data: JobData };
}

export interface JobData {
  readonly actionConfiguration: {
    readonly configuration: { readonly FunctionName: string; readonly UserParameters?: string };
  };
  readonly inputArtifacts: readonly Artifact[];
  readonly outputArtifacts: readonly Artifact[];
  readonly artifactCredentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
  /** Only in a job that follows one which answered with it. */
  readonly continuationToken?: string;
  /** Only when the pipeline's artifact store declares a key. */
  readonly encryptionKey?: { readonly id: string; readonly type: "KMS" };
}

export interface Artifact {
  readonly name: string;
  readonly location: {
    readonly type: "S3";
    readonly s3Location: { readonly bucketName: string; readonly objectKey: string };
  };
}

/** The input is not what the function can work with. */
export class Refused extends Error {
  readonly type: FailureType;

  constructor(type: FailureType, message: string) {
    super(message);
    this.type = type;
  }
}

/** CodePipeline's limit. */
const MESSAGE_CHARACTERS_MAX = 5000;

const FAILURE_TYPES: Readonly<Record<string, FailureType>> = {
  NoSuchKey: "RevisionUnavailable",
  NoSuchBucket: "RevisionUnavailable",
  AccessDenied: "PermissionError",
  ExpiredToken: "PermissionError",
  SlowDown: "SystemUnavailable",
  InternalError: "SystemUnavailable",
  ServiceUnavailable: "SystemUnavailable",
};

export function failureOf(error: unknown): FailureDetails {
  const message = (error instanceof Error && error.message) || String(error);
  return { type: failureType(error), message: message.slice(0, MESSAGE_CHARACTERS_MAX) };
}

function failureType(error: unknown): FailureType {
  if (error instanceof Refused) return error.type;
  return (error instanceof S3ServiceException && FAILURE_TYPES[error.name]) || "JobFailed";
}
