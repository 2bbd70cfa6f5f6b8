import { onAnything } from "./access.ts";
import { acknowledged } from "./acknowledged.ts";
import { served } from "./context.ts";

/**
 * A partner's worker takes the job that it was handed.
 *
 * Errors: those of AcknowledgeJob; `InvalidClientTokenException`. Source: reference §3.
 */
export const acknowledgeThirdPartyJob = served({
  name: "AcknowledgeThirdPartyJob",
  access: () => onAnything("AcknowledgeThirdPartyJob"),
  run: async ({ jobId, nonce, clientToken }, context, call) =>
    await acknowledged({ jobId, nonce, clientToken }, context, call),
});
