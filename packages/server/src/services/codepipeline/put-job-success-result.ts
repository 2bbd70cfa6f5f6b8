import type { JobReport } from "@penstock/pipeline";
import { onAnything } from "./access.ts";
import { served } from "./context.ts";
import { reportProblem } from "./errors.ts";
import type { PutJobSuccessResultInput } from "./shapes.generated.ts";

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
    const problem = await engine.report({
      jobId: input.jobId,
      account: principal.account,
      region,
      report: toReport(input),
    });
    if (problem) throw reportProblem(problem, input.jobId);
    return {};
  },
});

function toReport(input: PutJobSuccessResultInput): JobReport {
  const { continuationToken, outputVariables, currentRevision, executionDetails } = input;
  return {
    type: "success",
    ...(continuationToken !== undefined && { continuationToken }),
    ...(outputVariables && { outputVariables }),
    ...(currentRevision && { currentRevision: { ...currentRevision, created: currentRevision.created?.getTime() } }),
    ...(executionDetails && { executionDetails: { ...executionDetails } }),
  };
}
