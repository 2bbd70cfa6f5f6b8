import type { Readable } from "node:stream";
import { asStream } from "../bytes.ts";
import { JobFailure, PermissionError, RevisionUnavailable } from "../failure.ts";
import { failureText, failureTypeOf, textIn } from "../failure-of.ts";
import type { ObjectOutput, ObjectPlace, ObjectStore } from "../surroundings.ts";

/** The whole object as it is. Errors: those of S3 as they are. */
export const readObject = async (store: ObjectStore, place: ObjectPlace): Promise<Readable> =>
  bodyOf(await (await store()).getObject(place));

/** The same, of an artifact. Errors: as `openObject`. */
export async function readArtifact(store: ObjectStore, place: ObjectPlace, label: string): Promise<Readable> {
  const body = await orUnavailable(label, place, readObject(store, place));
  body.on("error", () => {}); // it counts for whoever reads; nobody may have begun to
  return body;
}

/** In Node the SDK's stream is Node's. */
export const bodyOf = ({ Body = asStream([]) }: ObjectOutput) => Body as Readable;

/** Tells people why an artifact is not there, or may not be read. */
export async function orUnavailable<T>(label: string, { Bucket, Key }: ObjectPlace, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    const isMissing = /^NoSuch(Key|Version|Bucket)$|^NotFound$/.test(textIn(cause, "name"));
    const isDenied = !(cause instanceof JobFailure) && failureTypeOf(cause) === "PermissionError";
    if (!isMissing && !isDenied) throw cause;
    const Failure = isMissing ? RevisionUnavailable : PermissionError;
    const what = isMissing
      ? "is not there. The action before may have succeeded without writing it"
      : "may not be read by the role of the pipeline, or of the action";
    throw new Failure(`${label} (s3://${Bucket}/${Key}) ${what}: ${failureText(cause)}`, { cause });
  }
}
