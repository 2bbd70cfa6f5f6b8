import { type OperationTable, type Service, service } from "../../wire/service.ts";
import type { CodePipeline } from "./context.ts";
import { createPipeline } from "./create-pipeline.ts";
import { deletePipeline } from "./delete-pipeline.ts";
import { disableStageTransition } from "./disable-stage-transition.ts";
import { enableStageTransition } from "./enable-stage-transition.ts";
import { getJobDetails } from "./get-job-details.ts";
import { getPipeline } from "./get-pipeline.ts";
import { getPipelineExecution } from "./get-pipeline-execution.ts";
import { getPipelineState } from "./get-pipeline-state.ts";
import { listActionExecutions } from "./list-action-executions.ts";
import { listPipelineExecutions } from "./list-pipeline-executions.ts";
import { listPipelines } from "./list-pipelines.ts";
import { model } from "./model.generated.ts";
import { putApprovalResult } from "./put-approval-result.ts";
import { putJobFailureResult } from "./put-job-failure-result.ts";
import { putJobSuccessResult } from "./put-job-success-result.ts";
import { retryStageExecution } from "./retry-stage-execution.ts";
import type { Operations } from "./shapes.generated.ts";
import { startPipelineExecution } from "./start-pipeline-execution.ts";
import { stopPipelineExecution } from "./stop-pipeline-execution.ts";
import { updatePipeline } from "./update-pipeline.ts";

/** Every operation of CodePipeline that is served, by name. */
export const operations: OperationTable<CodePipeline, Operations> = {
  CreatePipeline: createPipeline,
  DeletePipeline: deletePipeline,
  DisableStageTransition: disableStageTransition,
  EnableStageTransition: enableStageTransition,
  GetJobDetails: getJobDetails,
  GetPipeline: getPipeline,
  GetPipelineExecution: getPipelineExecution,
  GetPipelineState: getPipelineState,
  ListActionExecutions: listActionExecutions,
  ListPipelineExecutions: listPipelineExecutions,
  ListPipelines: listPipelines,
  PutApprovalResult: putApprovalResult,
  PutJobFailureResult: putJobFailureResult,
  PutJobSuccessResult: putJobSuccessResult,
  RetryStageExecution: retryStageExecution,
  StartPipelineExecution: startPipelineExecution,
  StopPipelineExecution: stopPipelineExecution,
  UpdatePipeline: updatePipeline,
};

/** CodePipeline, ready to be served. */
export function codePipeline(context: CodePipeline): Service<Operations> {
  return service<CodePipeline, Operations>({ model, context, operations });
}
