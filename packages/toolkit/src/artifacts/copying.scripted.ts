/* A function for the tests against a real server: it copies its input in every way there is. */

import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { aws } from "../aws/surroundings.ts";
import { defineJob, type JobHandler, runHandlerIn } from "../define-job.ts";

/** More than two parts of an upload, in pieces that cannot be compressed. */
const LARGE_PIECES = 20;
const PIECE_BYTES = 1024 * 1024;

export const handler = defineJob({
  async run(job) {
    if (!job.continuation) return await job.continue({ text: "x".repeat(5000) });
    const source = job.input("Source");
    const folder = await source.extract();
    writeFileSync(join(folder, "large.bin"), randomBytes(LARGE_PIECES * PIECE_BYTES));
    const [copy, raw] = [job.output("Copy"), job.output("Raw")];
    await copy.addFolder(folder);
    await copy.addStream("streamed.txt", await source.file("readme.txt"));
    await raw.raw(Readable.from(["as ", "it is"]), { contentType: "text/plain" });
    return job.succeed({ variables: { Readme: await source.text("readme.txt") } });
  },
});

const reading = defineJob({
  run: async (job) => job.succeed({ variables: { Readme: await job.input("Source").text("readme.txt") } }),
});

/** Keeps a state that is too large for a token in a bucket of its own. */
export const keeping = defineJob({
  stateBucket: "penstock-conformance/states",
  async run(job) {
    if (!job.continuation) return await job.continue({ text: "x".repeat(5000) });
    return job.succeed({ variables: { Kept: String(JSON.stringify(job.continuation).length) } });
  },
});

/** Believes that it is 16 minutes later, when the credentials of its event have ended. */
export const later: JobHandler = (event, context = {}) =>
  runHandlerIn(reading, { ...aws(), now: () => Date.now() + 16 * 60_000 }, event, context);
