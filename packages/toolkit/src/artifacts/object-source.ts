import { finished, type Readable } from "node:stream";
import { allOf } from "../all-of.ts";
import { JobFailure, PermissionError, RevisionUnavailable } from "../failure.ts";
import { failureText, failureTypeOf, nameOf } from "../failure-of.ts";
import type { ObjectCalls, ObjectPlace } from "../surroundings.ts";
import type { ZipSource } from "../zip/zip-source.ts";

/** What is read of an object's end at first: the directory of most zips, and all of a small one. */
const TAIL_BYTES = 256 * 1024;

/** How often one read is taken up again where its connection broke. */
const RESUMES_MAX = 3;

/**
 * An object in S3 as the source of a zip. It costs one request if the object is small; all reads are of one version.
 *
 * Errors: `RevisionUnavailable` when the object is not there, `PermissionError` when it may not be read.
 */
export async function openObject(calls: ObjectCalls, place: ObjectPlace, label: string): Promise<ZipSource> {
  const {
    body,
    start: tailStart,
    totalBytes,
    etag,
  } = await orUnavailable(label, place, calls.readTail(place, TAIL_BYTES));
  const tail = await allOf(body);
  return {
    label,
    sizeBytes: totalBytes,
    async *stream(start, end) {
      if (start >= tailStart) yield tail.subarray(start - tailStart, end - tailStart);
      else yield* resumed(start, end, (from) => calls.readRange(place, from, end, etag));
    },
  };
}

/** Reads `[start, end)`, from where it broke off when the connection does. */
async function* resumed(
  start: number,
  end: number,
  open: (from: number) => Promise<Readable>,
): AsyncGenerator<Uint8Array> {
  let at = start;
  for (let attempt = 0; at < end; attempt += 1) {
    const body = await open(at);
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        at += chunk.length;
        yield chunk;
      }
      if (at < end) throw Object.assign(new Error("The connection ended too early."), { code: "ECONNRESET" });
    } catch (error) {
      if (attempt >= RESUMES_MAX || failureTypeOf(error) !== "SystemUnavailable") throw error;
    } finally {
      body.destroy();
    }
  }
}

/** The whole object as it is. Errors: as `openObject`. */
export async function readObject(calls: ObjectCalls, place: ObjectPlace, label: string): Promise<Readable> {
  const body = await orUnavailable(label, place, calls.read(place));
  finished(body, () => {}); // an error counts for whoever reads; nobody may have begun to
  return body;
}

async function orUnavailable<T>(label: string, { bucket, key }: ObjectPlace, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    const where = `${label} (s3://${bucket}/${key})`;
    if (/^NoSuch(Key|Version|Bucket)$|^NotFound$/.test(nameOf(cause))) {
      throw new RevisionUnavailable(
        `${where} is not there. The action before may have succeeded without writing it: ${failureText(cause)}`,
        { cause },
      );
    }
    if (cause instanceof JobFailure || failureTypeOf(cause) !== "PermissionError") throw cause;
    throw new PermissionError(
      `${where} may not be read with the job's credentials: ${failureText(cause)}. They are of the pipeline's role, or the action's.`,
      { cause },
    );
  }
}
