import type { Readable } from "node:stream";
import { allOf } from "../all-of.ts";
import { failureTypeOf, nameOf } from "../failure-of.ts";
import type { ObjectOutput, ObjectPlace, ObjectStore } from "../surroundings.ts";
import type { ZipSource } from "../zip/zip-source.ts";
import { bodyOf, orUnavailable } from "./object-source.ts";

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

/** An object without bytes has no range to give. */
function emptyIfNoRange(error: unknown): ObjectOutput {
  if (nameOf(error) !== "InvalidRange") throw error;
  return {};
}
