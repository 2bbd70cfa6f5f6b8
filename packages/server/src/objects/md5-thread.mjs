/** The thread that `md5.ts` keeps: adds stretches of shared memory to MD5s, in the order in which it is told to. */
import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";

const { memory, slotBytes } = workerData;
const running = new Map();

parentPort.on("message", ({ body, slot, sizeBytes, ends }) => {
  if (sizeBytes > 0) {
    const hash = running.get(body) ?? createHash("md5");
    running.set(body, hash.update(new Uint8Array(memory, slot * slotBytes, sizeBytes)));
    parentPort.postMessage({ slot });
  }
  if (ends === undefined) return;
  const hash = running.get(body);
  running.delete(body);
  if (ends === "digest") parentPort.postMessage({ body, digest: hash.digest() });
});
