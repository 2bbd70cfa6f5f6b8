import { setImmediate } from "node:timers/promises";

/** How long archive work may keep the event loop before it lets others run. Unit: milliseconds. Source: our choice. */
const SLICE_MS_MAX = 5;

/** A function to wait for between two small pieces of synchronous work: it returns at once, or after the others' turn. */
export function pauseBetweenSlices(): () => Promise<void> | undefined {
  let sliceStart = performance.now();
  return () => {
    if (performance.now() - sliceStart < SLICE_MS_MAX) return undefined;
    return setImmediate().then(() => {
      sliceStart = performance.now();
    });
  };
}
