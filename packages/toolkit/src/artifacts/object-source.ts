import { finished, Readable } from "node:stream";
import { JobFailure, PermissionError, RevisionUnavailable } from "../failure.ts";
import { failureText, failureTypeOf, nameOf } from "../failure-of.ts";
import type { ObjectOutput, ObjectPlace, ObjectStore } from "../surroundings.ts";

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
export const bodyOf = ({ Body = Readable.from([]) }: ObjectOutput) => Body as Readable;

/** Tells people why an artifact is not there, or may not be read. */
export async function orUnavailable<T>(label: string, { Bucket, Key }: ObjectPlace, reading: Promise<T>): Promise<T> {
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
