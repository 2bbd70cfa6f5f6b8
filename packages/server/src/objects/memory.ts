/**
 * What streams leave behind.
 *
 * Every buffer that went by is garbage, but to the collector it is a few small objects with 64 KB hanging on each:
 * young enough to wait for a collection that little else brings about. An artifact of 2 GB raised the process by 90 MB
 * that way. So whoever streams says how much, and every so often the young objects alone are collected. That takes
 * a fraction of a millisecond, as nearly none of them is alive, and makes streams faster: memory in use is reused.
 *
 * How often matters: the collector allows a process as small as this one some 16 MB beside what it keeps, buffers
 * included. Beyond that it marks the whole heap, and every collection of ours has to end that first: a stream then
 * takes twice the time. What was collected is counted off a little later, hence a quarter.
 */
const COLLECTED_EVERY_BYTES = 4 * 1024 ** 2;

let passedBytes = 0;
let collect: (() => void) | undefined;

/** Tells that so many bytes are left behind in buffers that are not needed any more. */
export function passed(sizeBytes: number): void {
  passedBytes += sizeBytes;
  if (passedBytes < COLLECTED_EVERY_BYTES) return;
  passedBytes = 0;
  collect ??= findCollector();
  collect();
}

/** The collector is shown by a flag that may be set at any time, to contexts that are made afterwards. */
function findCollector(): () => void {
  process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
  const gc: unknown = process.getBuiltinModule("node:vm").runInNewContext("gc");
  return typeof gc === "function" ? () => gc({ type: "minor" }) : () => {};
}
