import { finished, Readable } from "node:stream";
import { allOf } from "../all-of.ts";
import { JobFailure, PermissionError, RevisionUnavailable } from "../failure.ts";
import { failureText, failureTypeOf, nameOf } from "../failure-of.ts";
import type { ObjectOutput, ObjectPlace, ObjectStore } from "../surroundings.ts";
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
export async function openObject(store: ObjectStore, place: ObjectPlace, label: string): Promise<ZipSource> {
  const get = async (range: string, etag?: string) =>
    await (await store()).getObject({ ...place, Range: `bytes=${range}`, IfMatch: etag });
  const output = await orUnavailable(label, place, get(`-${TAIL_BYTES}`).catch(emptyIfNoRange));
  const tail = await allOf(bodyOf(output));
  const sizeBytes = Number(/\d+$/.exec(output.ContentRange ?? "") ?? tail.length);
  const tailStart = sizeBytes - tail.length;
  return {
    label,
    sizeBytes,
    async *stream(start, end) {
      if (start >= tailStart) yield tail.subarray(start - tailStart, end - tailStart);
      else yield* resumed(start, end, async (from) => bodyOf(await get(`${from}-${end - 1}`, output.ETag)));
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

/** The whole object as it is. Errors: those of S3 as they are. */
export const readObject = async (store: ObjectStore, place: ObjectPlace): Promise<Readable> =>
  bodyOf(await (await store()).getObject(place));

/** The same, of an artifact. Errors: as `openObject`. */
export async function readArtifact(store: ObjectStore, place: ObjectPlace, label: string): Promise<Readable> {
  const body = await orUnavailable(label, place, readObject(store, place));
  finished(body, () => {}); // an error counts for whoever reads; nobody may have begun to
  return body;
}

/** In Node the SDK's stream is Node's. */
const bodyOf = ({ Body = Readable.from([]) }: ObjectOutput) => Body as Readable;

/** An object without bytes has no range to give. */
function emptyIfNoRange(error: unknown): ObjectOutput {
  if (nameOf(error) !== "InvalidRange") throw error;
  return {};
}

async function orUnavailable<T>(label: string, { Bucket, Key }: ObjectPlace, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    const where = `${label} (s3://${Bucket}/${Key})`;
    const why = failureText(cause);
    if (/^NoSuch(Key|Version|Bucket)$|^NotFound$/.test(nameOf(cause))) {
      const text = `${where} is not there. The action before may have succeeded without writing it: ${why}`;
      throw new RevisionUnavailable(text, { cause });
    }
    if (cause instanceof JobFailure || failureTypeOf(cause) !== "PermissionError") throw cause;
    const text = `${where} may not be read with the job's credentials, of the pipeline's role or the action's: ${why}`;
    throw new PermissionError(text, { cause });
  }
}
