import { onAnything } from "./access.ts";
import { served } from "./context.ts";
import { reportProblem } from "./errors.ts";
import { toFailure } from "./to-report.ts";

/**
 * A partner's worker says that its job failed, and why.
 *
 * Errors: `JobNotFoundException`, `InvalidClientTokenException`, `InvalidJobStateException`. Source: reference §3.
 */
export const putThirdPartyJobFailureResult = served({
  name: "PutThirdPartyJobFailureResult",
  access: () => onAnything("PutThirdPartyJobFailureResult"),
  async run({ jobId, clientToken, failureDetails }, { engine }, { principal, region }) {
    const report = toFailure(failureDetails);
    const problem = await engine.report({ jobId, account: principal.account, region, report, clientToken });
    if (problem) throw reportProblem(problem, jobId);
    return {};
  },
});
