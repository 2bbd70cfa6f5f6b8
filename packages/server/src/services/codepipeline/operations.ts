import { type OperationTable, type Service, service } from "../../wire/service.ts";
import { acknowledgeJob } from "./acknowledge-job.ts";
import { acknowledgeThirdPartyJob } from "./acknowledge-third-party-job.ts";
import type { CodePipeline } from "./context.ts";
import { createCustomActionType } from "./create-custom-action-type.ts";
import { createPipeline } from "./create-pipeline.ts";
import { deleteCustomActionType } from "./delete-custom-action-type.ts";
import { deletePipeline } from "./delete-pipeline.ts";
import { disableStageTransition } from "./disable-stage-transition.ts";
import { enableStageTransition } from "./enable-stage-transition.ts";
import { getActionType } from "./get-action-type.ts";
import { getJobDetails } from "./get-job-details.ts";
import { getPipeline } from "./get-pipeline.ts";
import { getPipelineExecution } from "./get-pipeline-execution.ts";
import { getPipelineState } from "./get-pipeline-state.ts";
import { getThirdPartyJobDetails } from "./get-third-party-job-details.ts";
import { listActionExecutions } from "./list-action-executions.ts";
import { listActionTypes } from "./list-action-types.ts";
import { listPipelineExecutions } from "./list-pipeline-executions.ts";
import { listPipelines } from "./list-pipelines.ts";
import { model } from "./model.generated.ts";
import { pollForJobs } from "./poll-for-jobs.ts";
import { pollForThirdPartyJobs } from "./poll-for-third-party-jobs.ts";
import { putApprovalResult } from "./put-approval-result.ts";
import { putJobFailureResult } from "./put-job-failure-result.ts";
import { putJobSuccessResult } from "./put-job-success-result.ts";
import { putThirdPartyJobFailureResult } from "./put-third-party-job-failure-result.ts";
import { putThirdPartyJobSuccessResult } from "./put-third-party-job-success-result.ts";
import { retryStageExecution } from "./retry-stage-execution.ts";
import type { Operations } from "./shapes.generated.ts";
import { startPipelineExecution } from "./start-pipeline-execution.ts";
import { stopPipelineExecution } from "./stop-pipeline-execution.ts";
import { updateActionType } from "./update-action-type.ts";
import { updatePipeline } from "./update-pipeline.ts";

/** Every operation of CodePipeline that is served, by name. */
export const operations: OperationTable<CodePipeline, Operations> = {
  AcknowledgeJob: acknowledgeJob,
  AcknowledgeThirdPartyJob: acknowledgeThirdPartyJob,
  CreateCustomActionType: createCustomActionType,
  CreatePipeline: createPipeline,
  DeleteCustomActionType: deleteCustomActionType,
  DeletePipeline: deletePipeline,
  DisableStageTransition: disableStageTransition,
  EnableStageTransition: enableStageTransition,
  GetActionType: getActionType,
  GetJobDetails: getJobDetails,
  GetPipeline: getPipeline,
  GetPipelineExecution: getPipelineExecution,
  GetPipelineState: getPipelineState,
  GetThirdPartyJobDetails: getThirdPartyJobDetails,
  ListActionExecutions: listActionExecutions,
  ListActionTypes: listActionTypes,
  ListPipelineExecutions: listPipelineExecutions,
  ListPipelines: listPipelines,
  PollForJobs: pollForJobs,
  PollForThirdPartyJobs: pollForThirdPartyJobs,
  PutApprovalResult: putApprovalResult,
  PutJobFailureResult: putJobFailureResult,
  PutJobSuccessResult: putJobSuccessResult,
  PutThirdPartyJobFailureResult: putThirdPartyJobFailureResult,
  PutThirdPartyJobSuccessResult: putThirdPartyJobSuccessResult,
  RetryStageExecution: retryStageExecution,
  StartPipelineExecution: startPipelineExecution,
  StopPipelineExecution: stopPipelineExecution,
  UpdateActionType: updateActionType,
  UpdatePipeline: updatePipeline,
};

/** CodePipeline, ready to be served. */
export function codePipeline(context: CodePipeline): Service<Operations> {
  return service<CodePipeline, Operations>({ model, context, operations });
}
