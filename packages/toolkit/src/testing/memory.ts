/*
 * CodePipeline and S3 in memory, as far as a job sees them.
 *
 * CodePipeline keeps the service's rule for results: the first counts, the same again is taken, another is refused.
 * S3 has objects by bucket and key, and takes everything from everybody; parts are there when they are completed.
 */

import { Readable } from "node:stream";
import { isDeepStrictEqual } from "node:util";
import { CREDENTIALS_MS } from "../artifacts/credentials.ts";
import type { CodePipelineCalls, JobReport, ObjectCalls, ObjectPlace, WriteOptions } from "../surroundings.ts";

/**
 * Calls that a test may let fail.
 *
 * @example
 * ```ts
 * const call: FailingCall = "PutJobSuccessResult";
 * ```
 */
export type FailingCall = "PutJobSuccessResult" | "PutJobFailureResult" | "GetJobDetails" | "GetObject" | "PutObject";

/** The error that a call has, asked for before each; nothing lets the call pass. */
export type FaultOf = (call: FailingCall) => Error | undefined;

/** CodePipeline, with the reports that it took. */
export interface MemoryCodePipeline extends CodePipelineCalls {
  readonly reports: readonly JobReport[];
}

/** CodePipeline in memory. */
export function memoryCodePipeline(faultOf: FaultOf, now: () => number): MemoryCodePipeline {
  const reports: JobReport[] = [];
  const results = new Map<string, JobReport>();
  const take = (jobId: string, report: JobReport) => {
    const before = results.get(jobId);
    if (before && !isDeepStrictEqual(before, report)) {
      throw Object.assign(new Error(`Job with id ${jobId} has already terminated`), {
        name: "InvalidJobStateException",
      });
    }
    if (before) return;
    results.set(jobId, report);
    reports.push(report);
  };
  return {
    reports,
    prepare() {},
    async putReport(jobId, report) {
      throwIf(faultOf(report.status === "Failed" ? "PutJobFailureResult" : "PutJobSuccessResult"));
      take(jobId, report);
    },
    async freshCredentials() {
      throwIf(faultOf("GetJobDetails"));
      return {
        accessKeyId: "fresh",
        secretAccessKey: "fresh",
        sessionToken: "fresh",
        expiresAt: now() + CREDENTIALS_MS,
      };
    },
  };
}

/** An object as it was written. */
export interface MemoryObject {
  readonly bytes: Buffer;
  readonly options: WriteOptions;
}

/** S3, with its objects by `bucket/key`. */
export interface MemoryObjects extends ObjectCalls {
  readonly objects: Map<string, MemoryObject>;
  /** Uploads in parts that were begun, and neither completed nor aborted. */
  readonly openUploads: () => number;
}

/** S3 in memory. */
export function memoryObjects(faultOf: FaultOf): MemoryObjects {
  const objects = new Map<string, MemoryObject>();
  const uploads = new Map<string, { readonly options: WriteOptions; readonly parts: Buffer[] }>();
  const bytesOf = (place: ObjectPlace): Buffer => {
    throwIf(faultOf("GetObject"));
    const object = objects.get(idOf(place));
    if (object) return object.bytes;
    throw Object.assign(new Error("The specified key does not exist."), { name: "NoSuchKey" });
  };
  return {
    objects,
    openUploads: () => uploads.size,
    async readTail(place, lastBytes) {
      const bytes = bytesOf(place);
      const start = Math.max(0, bytes.length - lastBytes);
      return { body: Readable.from([bytes.subarray(start)]), start, totalBytes: bytes.length };
    },
    async readRange(place, start, end) {
      return Readable.from([bytesOf(place).subarray(start, end)]);
    },
    async read(place) {
      return Readable.from([bytesOf(place)]);
    },
    async put(place, body, options) {
      throwIf(faultOf("PutObject"));
      objects.set(idOf(place), { bytes: Buffer.from(body), options });
    },
    async startUpload(_place, options) {
      throwIf(faultOf("PutObject"));
      const id = `upload-${uploads.size + 1}`;
      uploads.set(id, { options, parts: [] });
      return id;
    },
    async uploadPart(_place, uploadId, partNumber, body) {
      throwIf(faultOf("PutObject"));
      uploads.get(uploadId)?.parts.push(Buffer.from(body));
      return { etag: `part-${partNumber}` };
    },
    async completeUpload(place, uploadId) {
      const { options = { contentType: "" }, parts = [] } = uploads.get(uploadId) ?? {};
      objects.set(idOf(place), { bytes: Buffer.concat(parts), options });
      uploads.delete(uploadId);
    },
    async abortUpload(_place, uploadId) {
      uploads.delete(uploadId);
    },
  };
}

const idOf = ({ bucket, key }: ObjectPlace) => `${bucket}/${key}`;

function throwIf(error: Error | undefined): void {
  if (error) throw error;
}
