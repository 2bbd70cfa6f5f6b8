import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { allOf } from "../all-of.ts";
import type { ObjectCalls } from "../surroundings.ts";
import { memoryObjects } from "../testing/memory.ts";
import { openObject } from "./open-object.ts";

const place = { Bucket: "b", Key: "k" };
const BYTES = Buffer.alloc(600 * 1024, "abcdefghijk");

/** An object with a version, of which each range but the tail comes without its last half at first. */
async function versioned(): Promise<{ calls: ObjectCalls; asked: string[] }> {
  const objects = memoryObjects(() => undefined);
  await objects.putObject({ ...place, ContentType: "text/plain", Body: BYTES });
  const asked: string[] = [];
  const calls: ObjectCalls = {
    ...objects,
    async getObject(input) {
      const output = { ...(await objects.getObject(input)), ETag: '"v1"' };
      asked.push(`${input.Range} of ${input.IfMatch ?? "any"}`);
      if (asked.length !== 2) return output;
      const body = await allOf(output.Body as Readable);
      return { ...output, Body: Readable.from([body.subarray(0, body.length / 2)]) };
    },
  };
  return { calls, asked };
}

test("all reads of an object are of the version whose end was read, also where a connection broke", async () => {
  const { calls, asked } = await versioned();
  const source = await openObject(async () => calls, place, "It");
  expect(source.size).toBe(BYTES.length);
  expect((await allOf(source.stream(100, 300))).equals(BYTES.subarray(100, 300))).toBe(true);
  expect(asked).toEqual(["bytes=-262144 of any", 'bytes=100-299 of "v1"', 'bytes=200-299 of "v1"']);
  const end = BYTES.length - 10;
  expect((await allOf(source.stream(end, BYTES.length))).equals(BYTES.subarray(end))).toBe(true);
  expect(asked.length).toBe(3);
});
