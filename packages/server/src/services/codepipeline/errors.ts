import type { Rejection } from "@penstock/pipeline";
import type { ReportProblem } from "../../engine/jobs.ts";
import type { AcknowledgeProblem } from "../../engine/worker-jobs.ts";
import { InvariantError, ServiceError } from "../../wire/error.ts";

/** Source: reference §2, "Not modelled but observed". */
export const pipelineNotFound = (account: string, name: string) =>
  new ServiceError("PipelineNotFoundException", `Account '${account}' does not have a pipeline with name '${name}'`);

/** Source: our choice; nobody saw the text. */
export const pipelineVersionNotFound = (name: string, version: number) =>
  new ServiceError("PipelineVersionNotFoundException", `Pipeline '${name}' does not have a version ${version}`);

/** Source: our choice; the model has the name, nobody saw the text. */
export const pipelineNameInUse = (account: string, name: string) =>
  new ServiceError(
    "PipelineNameInUseException",
    `A pipeline with the name '${name}' already exists in account '${account}'`,
  );

/** Source: our choice; nobody saw the text. */
export const executionNotFound = (name: string, id: string) =>
  new ServiceError(
    "PipelineExecutionNotFoundException",
    `Pipeline '${name}' does not have an execution with id '${id}'`,
  );

/** Source: our choice; nobody saw the text. */
export const stageNotFound = (pipeline: string, stage: string) =>
  new ServiceError("StageNotFoundException", `Pipeline '${pipeline}' does not have a stage with name '${stage}'`);

/** Source: our choice; nobody saw the text. */
export const actionNotFound = (stage: string, action: string) =>
  new ServiceError("ActionNotFoundException", `Stage '${stage}' does not have an action with name '${action}'`);

/** Source: our choice; nobody saw the text. */
export const invalidNextToken = () =>
  new ServiceError(
    "InvalidNextTokenException",
    "The next token is not valid. Use the nextToken of the previous page of the same list, or leave it out.",
  );

/** Source: the text that users of the service report of CreatePipeline and UpdatePipeline. */
export const cannotChainRole = (roleArn: string, nextRoleArn: string) =>
  new ServiceError(
    "InvalidStructureException",
    `${roleArn} is not authorized to perform AssumeRole on role ${nextRoleArn}`,
  );

/** Source: reference §4.2. */
export const cannotAssumeRole = (roleArn: string) =>
  new ServiceError(
    "InvalidStructureException",
    `CodePipeline is not authorized to perform AssumeRole on role ${roleArn}`,
  );

/** An action type by its parts. */
interface TypeId {
  readonly category: string;
  readonly owner: string;
  readonly provider: string;
  readonly version: string;
}

const describeType = ({ category, owner, provider, version }: TypeId) =>
  `ActionType (Category: '${category}', Owner: '${owner}', Provider: '${provider}', Version: '${version}')`;

/** Source: reference §3. */
export const actionTypeNotFound = (id: TypeId) =>
  new ServiceError("ActionTypeNotFoundException", `${describeType(id)} is not available`);

/** Source: boto/boto3#1100 quotes class and text. */
export const ownerNotSupported = (owner: string) =>
  new ServiceError("ValidationException", `ActionType with owner '${owner}' is not supported`);

/** Source: our choice of class and words; the model has no class for it. */
export const actionTypeInUse = (id: TypeId) =>
  new ServiceError("ValidationException", `${describeType(id)} already exists. Use another version`);

/** Source: reference §18 for the rule; our choice of class and words. */
export const deletedActionTypeDiffers = (id: TypeId) =>
  new ServiceError(
    "ValidationException",
    `${describeType(id)} was deleted, and can only be created again as it was. Use another version`,
  );

/** Source: our choice of words; the class is the model's. */
export const actionTypesExceeded = () =>
  new ServiceError("LimitExceededException", "An account has at most 50 custom action types in a region");

/** The wire error for every reason that a job was not given to a worker. Source: our choice of words but for the first. */
export function acknowledgeProblem(problem: AcknowledgeProblem, jobId: string): ServiceError {
  switch (problem) {
    case "jobNotFound":
    case "invalidClientToken":
      return reportProblem({ reason: problem }, jobId);
    case "invalidNonce":
      return new ServiceError(
        "InvalidNonceException",
        `The nonce is not valid for the job with id ${jobId}: another worker has it, or it is over. Poll for another job`,
      );
  }
}

/** The wire error for every reason that a report was not taken. Source: reference §3.1, §3.3. */
export function reportProblem({ reason }: ReportProblem, jobId: string): ServiceError {
  switch (reason) {
    case "jobNotFound":
      return new ServiceError("JobNotFoundException", `Job with id '${jobId}' does not exist`);
    case "invalidClientToken": // Source: our choice of words.
      return new ServiceError(
        "InvalidClientTokenException",
        `The client token is not the one of the job with id ${jobId}`,
      );
    case "tokenWithVariables":
      return new ServiceError(
        "ValidationException",
        "A job can not contain both a continuation token and output variables.",
      );
    case "outputVariablesTooLarge": // Source: our choice; the limit is the service's, nobody saw the text.
      return new ServiceError(
        "OutputVariablesSizeExceededException",
        "The output variables of the action are larger than the limit of 122880 bytes",
      );
    case "sameStatusOtherResult":
      return new ServiceError(
        "InvalidJobStateException",
        `The status of job with id ${jobId} is already set to the desired value. It cannot be updated with the same status, but different result or output variables.`,
      );
    case "alreadyTerminated":
      return new ServiceError("InvalidJobStateException", `Job with id ${jobId} has already terminated`);
  }
}

/** The wire error for every reason the core can give. A new reason without one does not compile. */
export function rejected(rejection: Rejection, pipeline: string): ServiceError {
  switch (rejection.reason) {
    case "executionNotFound": // Source: our choice for both texts.
      return new ServiceError(
        "PipelineExecutionNotStoppableException",
        `Pipeline execution '${rejection.executionId}' is not in a state that can be stopped`,
      );
    case "alreadyStopping":
      return new ServiceError(
        "DuplicatedStopRequestException",
        `Pipeline execution '${rejection.executionId}' of pipeline '${pipeline}' is already stopping. To end it at once, stop it with abandon.`,
      );
    case "stageNotRetryable": // Source: our choice for the texts of the refusals to retry.
      return new ServiceError("StageNotRetryableException", `The stage cannot be retried: ${rejection.why}`);
    case "notLatestExecution":
      return new ServiceError(
        "NotLatestPipelineExecutionException",
        `Pipeline execution '${rejection.executionId}' is not the latest that entered stage '${rejection.stage}' of pipeline '${pipeline}'`,
      );
    case "retryConflicts":
      return new ServiceError("ConflictException", `The stage cannot be retried now: ${rejection.why}`);
    case "actionNotRunning":
    case "executionAlreadyStarted":
      throw new InvariantError(`No caller can cause ${rejection.reason}.`);
  }
}
