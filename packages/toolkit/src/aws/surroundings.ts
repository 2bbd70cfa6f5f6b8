/*
 * The real world: clients of the AWS SDK, which the Lambda runtime has. They are loaded when the first call needs
 * them, so that a cold start pays nothing for what a job does not use.
 */

import type { Surroundings } from "../surroundings.ts";
import { codePipelineCalls } from "./code-pipeline-calls.ts";
import { objectStore } from "./object-store.ts";

let known: Surroundings | undefined;

/** The surroundings of a function in AWS. There is one for all jobs of an environment, so clients keep their connections. */
export function aws(): Surroundings {
  known ??= {
    ...codePipelineCalls(),
    artifacts: objectStore,
    own: objectStore(),
    now: Date.now,
    watchDeadline(act, inMs) {
      const timer = Number.isFinite(inMs) ? setTimeout(act, inMs) : undefined;
      return () => clearTimeout(timer);
    },
  };
  return known;
}
