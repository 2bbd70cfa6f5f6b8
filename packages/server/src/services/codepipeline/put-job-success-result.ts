import { onAnything } from "./access.ts";
import { served } from "./context.ts";
import { reportProblem } from "./errors.ts";
import { toSuccess } from "./to-report.ts";

/**
 * A worker or function says that its job succeeded, or with a continuation token that there is more to do.
 *
 * Errors: `JobNotFoundException`; `InvalidJobStateException` when the job already has another result;
 * `OutputVariablesSizeExceededException`. Source: reference §3.1, §3.3.
 */
export const putJobSuccessResult = served({
  name: "PutJobSuccessResult",
  access: () => onAnything("PutJobSuccessResult"),
  async run(input, { engine }, { principal, region }) {
    const { jobId } = input;
    const problem = await engine.report({ jobId, account: principal.account, region, report: toSuccess(input) });
    if (problem) throw reportProblem(problem, jobId);
    return {};
  },
});
