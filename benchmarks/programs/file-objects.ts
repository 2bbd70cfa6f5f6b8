/** Objects that are files, as the toolkit asks S3 for them: what is measured then is the work on zips. */
import { closeSync, createReadStream, openSync, statSync, writeFileSync, writeSync } from "node:fs";
import type { ObjectCalls } from "../../packages/toolkit/src/surroundings.ts";

/** Whatever is read is the file `source`, whatever is written is `target`. */
export function fileObjects(source: string, target: string): ObjectCalls {
  let file = 0;
  return {
    async getObject({ Range = "bytes=0-" }) {
      const sizeBytes = statSync(source).size;
      const [from = "", to = ""] = Range.replace("bytes=", "").split("-");
      const start = from === "" ? Math.max(0, sizeBytes - Number(to)) : Number(from);
      const end = from === "" || to === "" ? sizeBytes - 1 : Number(to);
      const Body = createReadStream(source, { start, end, highWaterMark: READ_BYTES });
      return { Body, ContentRange: `bytes ${start}-${end}/${sizeBytes}` };
    },
    putObject: async ({ Body }) => writeFileSync(target, Body),
    async createMultipartUpload() {
      file = openSync(target, "w");
      return { UploadId: target };
    },
    async uploadPart({ PartNumber, Body }) {
      writeSync(file, Body);
      return { ETag: `part-${PartNumber}` };
    },
    completeMultipartUpload: async () => closeSync(file),
    abortMultipartUpload: async () => closeSync(file),
  };
}

/** As much as a socket brings at a time when the network is good. */
const READ_BYTES = 64 * 1024;
