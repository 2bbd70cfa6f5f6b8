import type { Readable } from "node:stream";
import { allOf } from "../all-of.ts";
import { failureTypeOf, textIn } from "../failure-of.ts";
import { RESUMES_MAX, TAIL_BYTES } from "../limits.ts";
import type { ObjectOutput, ObjectPlace, ObjectStore } from "../surroundings.ts";
import type { ZipSource } from "../zip/zip-source.ts";
import { bodyOf, orUnavailable } from "./object-source.ts";

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
  const size = Number(/\d+$/.exec(output.ContentRange ?? "") ?? tail.length);
  const tailStart = size - tail.length;
  return {
    label,
    size,
    async *stream(start, end) {
      if (start >= tailStart) yield tail.subarray(start - tailStart, end - tailStart);
      else yield* resumed(start, end, async (from) => bodyOf(await get(`${from}-${end - 1}`, output.ETag)));
    },
  };
}

/** Reads `[start, end)`, from where it broke off when the connection does. Whoever reads notes when bytes are missing. */
async function* resumed(
  start: number,
  end: number,
  open: (from: number) => Promise<Readable>,
): AsyncGenerator<Uint8Array> {
  let at = start;
  for (let attempt = 0; at < end && attempt <= RESUMES_MAX; attempt += 1) {
    const body = await open(at);
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        at += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (attempt === RESUMES_MAX || failureTypeOf(error) !== "SystemUnavailable") throw error;
    } finally {
      body.destroy();
    }
  }
}

/** An object without bytes has no range to give. */
function emptyIfNoRange(error: unknown): ObjectOutput {
  if (textIn(error, "name") !== "InvalidRange") throw error;
  return {};
}
