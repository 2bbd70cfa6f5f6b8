/*
 * What a run needs of the world, so that it can be run in memory: CodePipeline, S3 and the deadline. The real ones are
 * in `aws/`, those of tests in `testing/`.
 */

import type { Readable } from "node:stream";
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
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface CodePipelineCalls {
  /** Begins to load what the first call needs. Never fails. */
  prepare(): void;
  /** PutJobSuccessResult, or PutJobFailureResult. */
  putReport(jobId: string, report: JobReport): Promise<void>;
  /** New credentials of the same job, by GetJobDetails. */
  freshCredentials(jobId: string): Promise<JobCredentials>;
}

/** Where an object is. */
export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/** How an object is written. */
export interface WriteOptions {
  readonly contentType: string;
  /** A KMS key; without one the bucket's own encryption counts. */
  readonly kmsKeyId?: string | undefined;
}

/** Bytes of an object, from `start` on. */
export interface ObjectBytes {
  readonly body: Readable;
  readonly start: number;
  /** Of the whole object. */
  readonly totalBytes: number;
  readonly etag?: string | undefined;
}

/** What S3 said of a part, and wants to hear again at the end. */
export interface UploadedPart {
  readonly etag: string;
  /** In Base64. */
  readonly crc32?: string | undefined;
}

export interface ObjectCalls {
  /** The last `lastBytes` bytes of an object, all of it if it has fewer. */
  readTail(place: ObjectPlace, lastBytes: number): Promise<ObjectBytes>;
  /** Bytes `[start, end)`, of exactly the version with that `etag`. */
  readRange(place: ObjectPlace, start: number, end: number, etag: string | undefined): Promise<Readable>;
  read(place: ObjectPlace): Promise<Readable>;
  put(place: ObjectPlace, body: Uint8Array, options: WriteOptions): Promise<void>;
  /** Begins an upload in parts; answers its id. */
  startUpload(place: ObjectPlace, options: WriteOptions): Promise<string>;
  /** Part numbers count from 1. */
  uploadPart(place: ObjectPlace, uploadId: string, partNumber: number, body: Uint8Array): Promise<UploadedPart>;
  completeUpload(place: ObjectPlace, uploadId: string, parts: readonly UploadedPart[]): Promise<void>;
  abortUpload(place: ObjectPlace, uploadId: string): Promise<void>;
}

/** Has `act` called when a run must report, at the latest `inMs` from now; the answer ends that. */
export type WatchDeadline = (act: () => void, inMs: number) => () => void;

export interface Surroundings {
  readonly codePipeline: CodePipelineCalls;
  /** S3 with a job's credentials, which are asked for whenever a call needs them. */
  artifacts(credentials: () => Promise<JobCredentials>): ObjectCalls;
  /** S3 with the function's own credentials. */
  readonly own: ObjectCalls;
  readonly watchDeadline: WatchDeadline;
  /** Epoch milliseconds. */
  now(): number;
  /** Is told when a state was saved. */
  onSave?(): void;
}
