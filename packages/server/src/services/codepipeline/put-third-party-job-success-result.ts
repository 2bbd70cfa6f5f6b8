import { onAnything } from "./access.ts";
import { served } from "./context.ts";
import { reportProblem } from "./errors.ts";
import { toSuccess } from "./to-report.ts";

/**
 * A partner's worker says that its job succeeded, or with a continuation token that there is more to do.
 *
 * Errors: `JobNotFoundException`, `InvalidClientTokenException`, `InvalidJobStateException`. Source: reference §3.
 */
export const putThirdPartyJobSuccessResult = served({
  name: "PutThirdPartyJobSuccessResult",
  access: () => onAnything("PutThirdPartyJobSuccessResult"),
  async run(input, { engine }, { principal, region }) {
    const { jobId, clientToken } = input;
    const report = toSuccess(input);
    const problem = await engine.report({ jobId, account: principal.account, region, report, clientToken });
    if (problem) throw reportProblem(problem, jobId);
    return {};
  },
});
