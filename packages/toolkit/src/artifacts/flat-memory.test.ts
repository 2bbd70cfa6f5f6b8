import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import type { JobArtifact } from "../event.ts";
import type { ObjectCalls } from "../surroundings.ts";
import { memoryObjects } from "../testing/memory.ts";
import { ARTIFACT_LIMITS } from "../zip/read-directory.ts";
import { inputArtifact } from "./input-artifact.ts";
import { outputArtifact } from "./output-artifact.ts";

/*
 * Artifacts are never held: what is packed is not made faster than it is sent, and what is unpacked is not fetched
 * faster than it is used. How far one runs ahead of the other is what memory must hold, whatever the size.
 */

const MIB = 1024 * 1024;
const source: JobArtifact = {
  name: "Source",
  revision: null,
  location: { type: "S3", s3Location: { bucketName: "b", objectKey: "k" } },
};
/** Bytes that cannot be compressed, so that what goes in comes out. */
const PIECE = randomBytes(MIB);

/** Objects that fetch in small pieces, and note how much was fetched and sent. */
function counted(): { readonly objects: ObjectCalls; readonly bytes: { fetched: number; sent: number } } {
  const bytes = { fetched: 0, sent: 0 };
  const objects = memoryObjects(() => undefined);
  const inPieces = async function* (body: Readable) {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += 64 * 1024) {
        const piece = chunk.subarray(at, at + 64 * 1024);
        bytes.fetched += piece.length;
        yield piece;
      }
    }
  };
  const counting: ObjectCalls = {
    ...objects,
    async getObject(input) {
      const { Body, ...more } = await objects.getObject(input);
      if (input.Range?.startsWith("bytes=-")) return { Body, ...more }; // the tail is held, whatever it has
      return { Body: Readable.from(inPieces(Body as Readable), { objectMode: false }), ...more };
    },
    async uploadPart(input) {
      const part = await objects.uploadPart(input);
      bytes.sent += input.Body.length;
      return part;
    },
  };
  return { objects: counting, bytes };
}

test.each([30, 60])("of %d MiB that are packed, only some are ahead of what was sent", async (sizeMib) => {
  const { objects, bytes } = counted();
  const { artifact } = outputArtifact(source, async () => objects);
  let aheadMax = 0;
  const made = async function* () {
    for (let made = 1; made <= sizeMib; made += 1) {
      yield PIECE;
      aheadMax = Math.max(aheadMax, made * MIB - bytes.sent);
    }
  };
  await artifact.addStream("large.bin", made());
  await artifact.close();
  expect(bytes.sent).toBeGreaterThan(sizeMib * MIB);
  expect(aheadMax).toBeLessThan(24 * MIB);
});

test("of 16 MiB that are unpacked, only some are ahead of what was used", async () => {
  const { objects, bytes } = counted();
  const { artifact } = outputArtifact(source, async () => objects);
  await artifact.addStream("large.bin", Readable.from(Array.from({ length: 16 }, () => PIECE)));
  await artifact.addText("small.txt", "small");
  await artifact.close();
  const input = inputArtifact(source, async () => objects, ARTIFACT_LIMITS, []);
  let usedBytes = 0;
  let aheadMax = 0;
  for await (const chunk of await input.file("large.bin")) {
    usedBytes += (chunk as Buffer).length; // it is not in object mode
    await new Promise((resolve) => setImmediate(resolve)); // whoever wants to run ahead may
    aheadMax = Math.max(aheadMax, bytes.fetched - usedBytes);
  }
  expect(usedBytes).toBe(16 * MIB);
  expect(aheadMax).toBeLessThan(4 * MIB);
});

test("one file of a large artifact is read without the others", async () => {
  const { objects, bytes } = counted();
  const { artifact } = outputArtifact(source, async () => objects);
  for (const name of ["a.bin", "b.bin"]) await artifact.addStream(name, Readable.from([PIECE, PIECE, PIECE]));
  await artifact.close();
  const input = inputArtifact(source, async () => objects, ARTIFACT_LIMITS, []);
  expect(await input.files()).toEqual(["a.bin", "b.bin"]);
  expect(bytes.fetched).toBe(0); // the end of the object was enough
  for await (const _ of await input.file("a.bin"));
  expect(bytes.fetched).toBeLessThan(4 * MIB);
});
