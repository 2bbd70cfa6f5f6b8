/*
 * CodePipeline and S3 in memory, as far as a job sees them.
 *
 * CodePipeline keeps the service's rule for results: the first counts, the same again is taken, another is refused.
 * S3 has objects by bucket and key, and takes everything from everybody; parts are there when they are completed.
 */

import { Readable } from "node:stream";
import { isDeepStrictEqual } from "node:util";
import { CREDENTIALS_MS } from "../limits.ts";
import type { CodePipelineCalls, JobReport, NewObject, ObjectCalls, ObjectPlace } from "../surroundings.ts";

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
    async putReport(jobId, report) {
      throwIf(faultOf(report.status === "Failed" ? "PutJobFailureResult" : "PutJobSuccessResult"));
      take(jobId, report);
    },
    async renewCredentials() {
      throwIf(faultOf("GetJobDetails"));
      return {
        accessKeyId: "fresh",
        secretAccessKey: "fresh",
        sessionToken: "fresh",
        expiration: new Date(now() + CREDENTIALS_MS),
      };
    },
  };
}

/** An object as it was written. */
export interface MemoryObject {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly kmsKeyId: string | undefined;
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
  const uploads = new Map<string, { readonly object: NewObject; readonly parts: Buffer[] }>();
  const bytesOf = (place: ObjectPlace): Buffer => {
    throwIf(faultOf("GetObject"));
    const object = objects.get(idOf(place));
    if (object) return object.bytes;
    throw Object.assign(new Error("The specified key does not exist."), { name: "NoSuchKey" });
  };
  const lay = (object: NewObject, bytes: Buffer) => {
    objects.set(idOf(object), { bytes, contentType: object.ContentType, kmsKeyId: object.SSEKMSKeyId });
  };
  return {
    objects,
    openUploads: () => uploads.size,
    async getObject({ Range, ...place }) {
      const bytes = bytesOf(place);
      if (Range === undefined) return { Body: Readable.from([bytes]) };
      const [start, end] = rangeIn(Range, bytes.length);
      const ContentRange = `bytes ${start}-${end - 1}/${bytes.length}`;
      return { Body: Readable.from([bytes.subarray(start, end)]), ContentRange };
    },
    async putObject({ Body, ...object }) {
      throwIf(faultOf("PutObject"));
      lay(object, Buffer.from(Body));
    },
    async createMultipartUpload(object) {
      throwIf(faultOf("PutObject"));
      const UploadId = `upload-${uploads.size + 1}`;
      uploads.set(UploadId, { object, parts: [] });
      return { UploadId };
    },
    async uploadPart({ UploadId = "", PartNumber, Body }) {
      throwIf(faultOf("PutObject"));
      uploads.get(UploadId)?.parts.push(Buffer.from(Body));
      return { ETag: `part-${PartNumber}` };
    },
    async completeMultipartUpload({ UploadId = "" }) {
      const upload = uploads.get(UploadId);
      if (upload) lay(upload.object, Buffer.concat(upload.parts));
      uploads.delete(UploadId);
    },
    async abortMultipartUpload({ UploadId = "" }) {
      uploads.delete(UploadId);
    },
  };
}

/** `bytes=2-5`, or `bytes=-5` for the last ones. Errors: `InvalidRange`, as S3 has it, where there is no byte. */
function rangeIn(range: string, sizeBytes: number): readonly [start: number, end: number] {
  const [from = "", to = ""] = range.replace("bytes=", "").split("-");
  const start = from === "" ? Math.max(0, sizeBytes - Number(to)) : Number(from);
  if (start < sizeBytes) return [start, from === "" ? sizeBytes : Math.min(Number(to) + 1, sizeBytes)];
  throw Object.assign(new Error("The requested range is not satisfiable"), { name: "InvalidRange" });
}

const idOf = ({ Bucket, Key }: ObjectPlace) => `${Bucket}/${Key}`;

function throwIf(error: Error | undefined): void {
  if (error) throw error;
}
