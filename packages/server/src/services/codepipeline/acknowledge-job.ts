import { onAnything } from "./access.ts";
import { acknowledged } from "./acknowledged.ts";
import { served } from "./context.ts";

/**
 * A worker takes the job that it was handed.
 *
 * Errors: `JobNotFoundException`; `InvalidNonceException` when somebody else was handed the job, or has it, or it is
 * over. Source: reference §3.
 */
export const acknowledgeJob = served({
  name: "AcknowledgeJob",
  access: () => onAnything("AcknowledgeJob"),
  run: async ({ jobId, nonce }, context, call) => await acknowledged({ jobId, nonce }, context, call),
});
