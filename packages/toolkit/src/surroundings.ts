/*
 * What a run needs of the world, so that it can be run in memory: CodePipeline, S3 and the deadline. The real ones are
 * in `aws/`, those of tests in `testing/`.
 */

import type { FailureType } from "./failure.ts";

/**
 * What became of a job, as it is reported; also what the handler returns. It has no secret.
 *
 * @example
 * ```ts
 * if (report.status === "Failed") console.log(report.type, report.message);
 * ```
 */
export type JobReport =
  | {
      readonly status: "Succeeded";
      readonly variables?: Readonly<Record<string, string>>;
      readonly revision?: JobRevision;
      /** At most 2048 characters. */
      readonly summary?: string;
    }
  | { readonly status: "Continued"; readonly continuationToken: string }
  | { readonly status: "Failed"; readonly type: FailureType; readonly message: string };

/**
 * The revision that a job worked on or made.
 *
 * @example
 * ```ts
 * job.succeed({ revision: { revision: "1a2b3c", changeIdentifier: "1a2b3c", summary: "Fix the login" } });
 * ```
 */
export interface JobRevision {
  /** 1 to 1500 characters, such as a commit id. */
  readonly revision: string;
  /** 1 to 100 characters. */
  readonly changeIdentifier: string;
  /** When it was made. */
  readonly created?: Date;
  /** At most 2048 characters; the rest is cut. */
  readonly summary?: string;
}

/** Temporary credentials for a job's artifacts. */
export interface JobCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export interface CodePipelineCalls {
  /** PutJobSuccessResult, or PutJobFailureResult. */
  readonly putReport: (jobId: string, report: JobReport) => Promise<void>;
  /** New credentials of the same job, by GetJobDetails. */
  readonly renewCredentials: (jobId: string) => Promise<JobCredentials>;
}

/** Where an object is, in the words of S3. */
export interface ObjectPlace {
  readonly Bucket: string;
  readonly Key: string;
}

/** Where an object goes, and under which key; without one the bucket's own encryption counts. */
export interface ObjectTarget extends ObjectPlace {
  readonly ServerSideEncryption?: "aws:kms";
  readonly SSEKMSKeyId?: string;
}

/** An object that is written, as far as it is known in front of its bytes. */
export interface NewObject extends ObjectTarget {
  readonly ContentType: string;
}

/** What S3 gives of an object. */
export interface ObjectOutput {
  readonly Body?: unknown;
  readonly ContentRange?: string | undefined;
  readonly ETag?: string | undefined;
}

/** An upload in parts. */
export interface UploadPlace extends ObjectPlace {
  readonly UploadId: string | undefined;
}

/** What S3 said of a part, and wants to hear again at the end. */
export interface UploadedPart {
  readonly ETag: string | undefined;
  readonly PartNumber: number;
  readonly ChecksumCRC32: string | undefined;
}

/** S3 wants one algorithm named at the beginning, and used for all parts. */
interface Checked {
  readonly ChecksumAlgorithm: "CRC32";
}

/** What is asked of S3: members of the SDK's client, which is taken as it is. */
export interface ObjectCalls {
  getObject(
    input: ObjectPlace & { readonly Range?: string; readonly IfMatch?: string | undefined },
  ): Promise<ObjectOutput>;
  putObject(input: NewObject & { readonly Body: Uint8Array }): Promise<unknown>;
  createMultipartUpload(input: NewObject & Checked): Promise<{ readonly UploadId?: string | undefined }>;
  uploadPart(
    input: UploadPlace & Checked & { readonly PartNumber: number; readonly Body: Uint8Array },
  ): Promise<{ readonly ETag?: string | undefined; readonly ChecksumCRC32?: string | undefined }>;
  completeMultipartUpload(
    input: UploadPlace & { readonly MultipartUpload: { readonly Parts: UploadedPart[] } },
  ): Promise<unknown>;
  abortMultipartUpload(input: UploadPlace): Promise<unknown>;
}

/** Gives S3 before each call; the SDK is loaded at the first. */
export type ObjectStore = () => Promise<ObjectCalls>;

/** Has `act` called when a run must report, at the latest `inMs` from now; the answer ends that. */
export type WatchDeadline = (act: () => void, inMs: number) => () => void;

export interface Surroundings extends CodePipelineCalls {
  /** S3 with a job's credentials, which are asked for whenever a call needs them. */
  artifacts(credentials: () => Promise<JobCredentials>): ObjectStore;
  /** S3 with the function's own credentials. */
  readonly own: ObjectStore;
  readonly watchDeadline: WatchDeadline;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Is told when a state was saved. */
  onSave?(): void;
}
