/** Objects that are files of a folder, as the toolkit asks S3 for them: what is measured then is the work on zips. */
import { closeSync, createReadStream, openSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { ObjectCalls, ObjectPlace } from "../../packages/toolkit/src/surroundings.ts";

/** Objects in `dir`, by their keys. */
export function fileObjects(dir: string): ObjectCalls {
  const pathOf = ({ key }: ObjectPlace) => join(dir, key);
  const bytes = (place: ObjectPlace, start: number, end: number) =>
    createReadStream(pathOf(place), { start, end: end - 1, highWaterMark: READ_BYTES });
  const open = new Map<string, number>();
  return {
    async readTail(place, lastBytes) {
      const totalBytes = statSync(pathOf(place)).size;
      const start = Math.max(0, totalBytes - lastBytes);
      return { body: bytes(place, start, totalBytes), start, totalBytes };
    },
    readRange: async (place, start, end) => bytes(place, start, end),
    read: async (place) => bytes(place, 0, statSync(pathOf(place)).size),
    put: async (place, body) => writeFileSync(pathOf(place), body),
    async startUpload(place) {
      open.set(place.key, openSync(pathOf(place), "w"));
      return place.key;
    },
    async uploadPart(_place, uploadId, partNumber, body) {
      writeSync(open.get(uploadId) ?? 0, body);
      return { etag: `part-${partNumber}` };
    },
    async completeUpload(_place, uploadId) {
      closeSync(open.get(uploadId) ?? 0);
      open.delete(uploadId);
    },
    abortUpload: async (_place, uploadId) => closeSync(open.get(uploadId) ?? 0),
  };
}

/** As much as a socket brings at a time when the network is good. */
const READ_BYTES = 64 * 1024;
