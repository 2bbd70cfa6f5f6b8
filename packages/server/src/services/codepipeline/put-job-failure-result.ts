import { onAnything } from "./access.ts";
import { served } from "./context.ts";
import { reportProblem } from "./errors.ts";
import { toFailure } from "./to-report.ts";

/**
 * A worker or function says that its job failed, and why.
 *
 * Errors: `JobNotFoundException`; `InvalidJobStateException` when the job already has another result.
 * Source: reference §3.2, §3.3.
 */
export const putJobFailureResult = served({
  name: "PutJobFailureResult",
  access: () => onAnything("PutJobFailureResult"),
  async run({ jobId, failureDetails }, { engine }, { principal, region }) {
    const report = toFailure(failureDetails);
    const problem = await engine.report({ jobId, account: principal.account, region, report });
    if (problem) throw reportProblem(problem, jobId);
    return {};
  },
});
