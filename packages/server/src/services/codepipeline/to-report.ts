import type { JobReport } from "@penstock/pipeline";
import type { PutJobFailureResultInput, PutJobSuccessResultInput } from "./shapes.generated.ts";

/** A success as the core takes it. */
export function toSuccess(
  input: Pick<
    PutJobSuccessResultInput,
    "continuationToken" | "outputVariables" | "currentRevision" | "executionDetails"
  >,
): JobReport {
  const { continuationToken, outputVariables, currentRevision, executionDetails } = input;
  return {
    type: "success",
    ...(continuationToken !== undefined && { continuationToken }),
    ...(outputVariables && { outputVariables }),
    ...(currentRevision && { currentRevision: { ...currentRevision, created: currentRevision.created?.getTime() } }),
    ...(executionDetails && { executionDetails: { ...executionDetails } }),
  };
}

/** A failure as the core takes it. */
export function toFailure({
  type,
  message,
  externalExecutionId,
}: PutJobFailureResultInput["failureDetails"]): JobReport {
  return {
    type: "failure",
    failureType: type,
    message,
    ...(externalExecutionId !== undefined && { externalExecutionId }),
  };
}
