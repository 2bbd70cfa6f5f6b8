import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { expect, test } from "vitest";
import { fromBuffer } from "yauzl";
import { defineJob } from "../define-job.ts";
import { runJob } from "../testing/testing.ts";
import {
  DESCRIPTOR,
  DIRECTORY_RECORD,
  END,
  LOCAL_HEADER,
  LOCATOR,
  lengthOf,
  readRecord,
  readWide,
  record,
  WIDE_END,
  WIDE_OFFSET,
} from "./records.ts";
import { zipByHand } from "./zip-by-hand.scripted.ts";

/* The wide forms of numbers (ZIP64), and what they are made of. */

test.each([
  ["a local header", LOCAL_HEADER, 30],
  ["a descriptor", DESCRIPTOR, 16],
  ["a record of the directory", DIRECTORY_RECORD, 46],
  ["a wide offset", WIDE_OFFSET, 12],
  ["the end", END, 22],
  ["the wide end", WIDE_END, 56],
  ["its locator", LOCATOR, 20],
])("%s has the length that the format says", (_, table, lengthBytes) => {
  expect(lengthOf(table)).toBe(lengthBytes);
});

test("numbers are written with their lowest byte first, and read back", () => {
  const bytes = record(WIDE_OFFSET, 1, 8, 0x0102_0304_0506);
  expect(bytes.toString("hex")).toBe("010008000605040302010000");
  expect(readRecord(WIDE_OFFSET, bytes)).toEqual([1, 8, 0x0102_0304_0506]);
  expect(readWide(Buffer.alloc(8, 0xff), 0)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  expect(() => readRecord(END, Buffer.alloc(21))).toThrow(RangeError);
});

test("more entries than 16 bits can count are written so that others read them, and read", async () => {
  const entriesCount = 0x10000 + 5;
  const handler = defineJob({
    async run(job) {
      for (let index = 0; index < entriesCount; index += 1) void job.output("Many").addText(`f/${index}`, "");
    },
  });
  const run = await runJob(handler, { outputs: ["Many"] });
  expect(run.report).toEqual({ status: "Succeeded" });
  expect((await run.output("Many").files()).length).toBe(entriesCount);
  expect(await entriesOf(await allOf(await run.output("Many").stream()))).toBe(entriesCount);
});

async function allOf(stream: Readable): Promise<Buffer> {
  return Buffer.concat((await stream.toArray()) as Buffer[]); // it gives buffers
}

/** As another library counts them. */
function entriesOf(zip: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    fromBuffer(zip, (error, file) => (error ? reject(error) : resolve(file.entryCount)));
  });
}

test.each([
  ["sizes and offset", ["sizeBytes", "packedBytes", "headerOffset"]],
  ["only its offset", ["headerOffset"]],
] as const)("an entry whose %s stand in its extra field is read", async (_, names) => {
  const handler = defineJob({
    run: async (job) => job.succeed({ variables: { Read: await job.input("Source").text("b.txt") } }),
  });
  const { report } = await runJob(handler, { inputs: { Source: withWideNumbers(names) } });
  expect(report).toEqual({ status: "Succeeded", variables: { Read: "second" } });
});

test("entries that lie in another order than their directory has them are unpacked", async () => {
  const zip = zipByHand([
    { name: "b.txt", data: "first" },
    { name: "a.txt", data: "second" },
  ]);
  const [one, two, end] = [zip.indexOf("PK\x01\x02"), zip.lastIndexOf("PK\x01\x02"), zip.lastIndexOf("PK\x05\x06")];
  const turned = Buffer.concat([
    zip.subarray(0, one),
    zip.subarray(two, end),
    zip.subarray(one, two),
    zip.subarray(end),
  ]);
  const handler = defineJob({
    async run(job) {
      const folder = await job.input("Source").extract();
      const read = (name: string) => readFileSync(join(folder, name), "utf8");
      return job.succeed({ variables: { Read: `${read("a.txt")}, ${read("b.txt")}` } });
    },
  });
  const { report } = await runJob(handler, { inputs: { Source: turned } });
  expect(report).toEqual({ status: "Succeeded", variables: { Read: "second, first" } });
});

test("an entry that lacks the wide number which it announces is refused", async () => {
  const zip = withWideNumbers(["headerOffset"]);
  const at = zip.lastIndexOf(Buffer.from("01000800", "hex")); // its extra field
  zip.writeUInt16LE(0x7777, at); // is another now
  const handler = defineJob({ run: async (job) => void (await job.input("Source").files()) });
  expect((await runJob(handler, { inputs: { Source: zip } })).report).toMatchObject({
    message: expect.stringMatching(/^InvalidZip: entry 'b.txt' lacks its size/),
  });
});

const PLACES = { sizeBytes: 24, packedBytes: 20, headerOffset: 42 };

/** A zip of two entries, the second with some of its numbers in the wide form. */
function withWideNumbers(names: readonly (keyof typeof PLACES)[]): Buffer {
  const zip = zipByHand([
    { name: "a.txt", data: "first" },
    { name: "b.txt", data: "second" },
  ]);
  const recordStart = zip.lastIndexOf("PK\x01\x02", undefined, "latin1");
  const recordEnd = zip.lastIndexOf("PK\x05\x06", undefined, "latin1");
  const extra = Buffer.alloc(4 + names.length * 8);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(names.length * 8, 2);
  for (const [index, name] of names.entries()) {
    extra.writeUInt32LE(zip.readUInt32LE(recordStart + PLACES[name]), 4 + index * 8);
    zip.writeUInt32LE(0xffffffff, recordStart + PLACES[name]);
  }
  zip.writeUInt16LE(extra.length, recordStart + 30);
  zip.writeUInt32LE(zip.readUInt32LE(recordEnd + 12) + extra.length, recordEnd + 12);
  return Buffer.concat([zip.subarray(0, recordEnd), extra, zip.subarray(recordEnd)]);
}
