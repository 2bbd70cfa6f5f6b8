import type { FactPart, TestName } from "../facts.ts";
import { choice, OBSERVED, proven } from "./state.ts";

const SUCCESS = "API reference, PutJobSuccessResult";
const FAILURE = "API reference, PutJobFailureResult";
const DETAILS = "API reference, GetJobDetails";
const CUSTOM = "user guide, Create a custom action";
const QUOTAS = "user guide, Quotas";

const LIMITS: TestName = "put-job-success-result: the model's limit %#: %o is refused at %s, which must %s";
const FAILURE_LIMITS: TestName = "put-job-failure-result: %s is refused";
const DETAILS_TOLD: TestName =
  "get-job-details: tells what the function was told, and what it was not: the action's type, and where it stands";

/** Jobs of any action, their results and their time. */
export const JOB_FACTS: FactPart = {
  title: "Jobs",
  facts: [
    proven(
      "3.0.1",
      "An action execution may need several jobs, one after the other.",
      CUSTOM,
      "continuation: the next job belongs to the same action execution",
    ),
    proven(
      "3.0.2",
      "GetJobDetails answers id, data and account id of a job, and no nonce.",
      DETAILS,
      "get-job-details: answers id, data and account id, and no nonce",
    ),
    proven(
      "3.0.3",
      "GetJobDetails may be asked again, and answers fresh artifact credentials each time.",
      DETAILS,
      "get-job-details: gives fresh credentials each time, and they read the input artifact",
      "timers: the artifact credentials expire after 900 seconds, and GetJobDetails has new ones",
    ),
    proven(
      "3.0.4",
      "Job data there have what the event lacks: the action's type, and pipeline, stage and action with its execution id.",
      "API reference, JobData",
      DETAILS_TOLD,
    ),
    proven(
      "3.0.5",
      "`pipelineArn` and `pipelineExecutionId` of the context are left out for a Lambda action.",
      "API reference, PipelineContext",
      "get-job-details: leaves pipelineArn and pipelineExecutionId out of the context of a Lambda action",
    ),
    proven(
      "3.0.6",
      "Job data have the continuation token of a continued job, and the encryption key of a store that declares one.",
      "API reference, JobData",
      "get-job-details: shows the token of a continued job, and none of the first",
      "artifacts: with a key of its own the store's artifacts are encrypted with it, and jobs name it",
    ),
    proven(
      "3.1.1",
      "A success ends the action, which then shows the output variables of the result.",
      SUCCESS,
      "put-job-success-result: ends the action, and its variables are shown with the function's name and the reserved places",
    ),
    proven(
      "3.1.2",
      "`jobId` is a uuid in lower case.",
      SUCCESS,
      "put-job-success-result: a malformed id, %j, is refused",
    ),
    proven(
      "3.1.3",
      "A revision has at most 1,500 characters, its change identifier 100, its summary 2,048.",
      SUCCESS,
      LIMITS,
    ),
    proven(
      "3.1.4",
      "Revision and details that the caller sends are taken and shown nowhere.",
      OBSERVED,
      "put-job-success-result: details and revision of the caller are taken and shown nowhere",
      "get-pipeline-state: what a function says of its own execution is not shown, neither at success nor at failure",
    ),
    proven(
      "3.1.5",
      "A continuation token has 1 to 2,048 characters.",
      SUCCESS,
      LIMITS,
      "put-job-success-result: 2,048 characters of token are taken",
    ),
    proven(
      "3.1.6",
      "The details' summary has at most 2,048 characters, their external id 1,500; percent are 0 to 100.",
      SUCCESS,
      LIMITS,
    ),
    proven(
      "3.1.7",
      "Names of output variables are letters, digits, `@`, `-` and `_`.",
      SUCCESS,
      "put-job-success-result: a variable cannot be named %j, and the job is as it was",
    ),
    proven(
      "3.1.8",
      "Output variables have at most 122,880 bytes in all; more are an `OutputVariablesSizeExceededException`.",
      `${QUOTAS}; ${SUCCESS}`,
      "put-job-success-result: 122,880 bytes of variables are taken, one more is refused and leaves the job as it was",
    ),
    proven(
      "3.1.9",
      "A token together with variables is a `ValidationException` that does not use up the job: a correct result may follow.",
      OBSERVED,
      "put-job-success-result: a token together with variables is refused and leaves the job as it was",
    ),

    proven(
      "3.2.1",
      "A failure's message has 1 to 5,000 characters.",
      FAILURE,
      FAILURE_LIMITS,
      "put-job-failure-result: 5,000 characters of message are taken and shown",
    ),
    proven("3.2.2", "A failure's external execution id has at most 1,500 characters.", FAILURE, FAILURE_LIMITS),
    proven("3.2.3", "A failure's type is one of six; another is refused with the list.", FAILURE, FAILURE_LIMITS),
    proven(
      "3.2.4",
      "The type becomes the action's error code.",
      OBSERVED,
      "put-job-failure-result: %s becomes the action's error code, with the message beside it",
    ),
    proven(
      "3.2.5",
      "A job that failed has no output variables.",
      "user guide, Tutorial: Using variables with Lambda invoke actions",
      "put-job-failure-result: %s becomes the action's error code, with the message beside it",
      "list-action-executions: a Lambda action that failed shows its message as summary, its type alone as error, and no output",
    ),

    proven(
      "3.3.1",
      "A result for an unknown id is a `JobNotFoundException` that names the id.",
      OBSERVED,
      "put-job-success-result: an unknown id is no job",
      "put-job-failure-result: an unknown id is no job",
    ),
    proven(
      "3.3.2",
      "The right id in another region is unknown.",
      OBSERVED,
      "put-job-success-result: the right id in another region is no job",
      "put-job-failure-result: the right id in another region is no job",
    ),
    proven(
      "3.3.3",
      "A malformed id is a `ValidationException` with the pattern.",
      OBSERVED,
      "put-job-success-result: a malformed id, %j, is refused",
      "put-job-failure-result: a malformed id is refused",
    ),
    proven(
      "3.3.4",
      "The same success again is fine: same variables, details and revision.",
      OBSERVED,
      "put-job-success-result: the same again is fine, whatever the order of the variables",
      "put-job-success-result: the same again is fine, revision and details included, and a revision of another time is not the same",
    ),
    proven("3.3.5", "The same failure again is fine.", OBSERVED, "put-job-failure-result: the same again is fine"),
    proven(
      "3.3.6",
      "A second success with other content is refused with the text on the desired value, and the first stays.",
      OBSERVED,
      "put-job-success-result: a second success with %s is refused, and the first one stays",
    ),
    proven(
      "3.3.7",
      "A plain success of a job that has already succeeded with a token is refused in the same way.",
      OBSERVED,
      "put-job-success-result: after a token, the same again is fine and a plain success of the same job is refused",
    ),
    choice(
      "3.3.8",
      "A second failure with other content is refused as a second success is.",
      "put-job-failure-result: a second failure with %s is refused, and the first one stays",
    ),
    proven(
      "3.3.9",
      "The opposite of a result comes to a job that `has already terminated`.",
      OBSERVED,
      "put-job-success-result: a success after a failure comes to a job that has already terminated",
      "put-job-failure-result: a failure after a success comes to a job that has already terminated",
    ),
    choice(
      "3.3.10",
      "A failure of a job that has succeeded with a token comes to a job that has already terminated.",
      "put-job-failure-result: after a continuation, a failure of the job that has continued is refused",
    ),
    proven(
      "3.3.11",
      "A first result after its execution was abandoned is taken: the pipeline stays Stopped, the action Abandoned with empty outputs.",
      OBSERVED,
      "put-job-success-result: a first result after the execution was abandoned is taken and moves nothing",
      "put-job-failure-result: a first failure after the execution was abandoned is taken and moves nothing",
    ),
    proven(
      "3.3.12",
      "The same result again after DeletePipeline is fine: jobs outlive their pipeline.",
      OBSERVED,
      "delete-pipeline: the same result again is fine after it, another one is refused as before",
      "delete-pipeline: the same failure again is fine after it",
    ),
    choice(
      "3.3.13",
      "A first result after DeletePipeline is taken and moves nothing, not even a new pipeline of the same name.",
      "delete-pipeline: a first result after it is taken: %s",
      "delete-pipeline: a first result after it moves nothing of a new pipeline of the same name",
    ),
    choice(
      "3.3.14",
      "A result after a timeout comes to a job that has already terminated.",
      "timers: a success after a timeout comes to a job that has already terminated",
      "timers: a failure after a timeout comes to a job that has already terminated",
    ),
    choice(
      "3.3.15",
      "A result from another account finds no job: `Job with id '<id>' does not exist`.",
      "across-accounts: a job is known in its pipeline's account alone: a result from another finds no job",
    ),

    proven(
      "3.4.1",
      "A success with a token ends its job and makes a new one with a new id, which carries the token as it was.",
      `${CUSTOM}; ${OBSERVED}`,
      "continuation: the next job has a new id and carries the token",
    ),
    proven(
      "3.4.2",
      "The new job belongs to the same action execution.",
      `${CUSTOM}; ${OBSERVED}`,
      "continuation: the next job belongs to the same action execution",
    ),
    proven(
      "3.4.3",
      "The new job has the same input places and the same reserved output places.",
      `${CUSTOM}; ${OBSERVED}`,
      "continuation: the next job has the same input places",
      "continuation: the next job has the same reserved output places",
    ),
    proven(
      "3.4.4",
      "The first job has no token.",
      "user guide, AWS Lambda invoke action reference",
      "job-event: has no continuationToken in the first job, not even null",
    ),
    proven(
      "3.4.5",
      "The result without a token ends the action.",
      "user guide, AWS Lambda invoke action reference",
      "continuation: while jobs continue the action is in progress; the result without a token ends it",
    ),
    proven(
      "3.4.6",
      "The next job comes at a look, 30 seconds apart (`timing: aws`; `fast` makes it at once).",
      `user guide, Integrations with action types; ${OBSERVED}`,
      "rhythm: the job after a continuation comes at the look, 30 seconds after the job before it, with new credentials",
    ),
    proven(
      "3.4.7",
      "A token that is JSON text comes back as it was, which the guide's sample relies on.",
      "user guide, Invoke a Lambda function",
      "continuation: a token that is JSON text comes back as it was",
    ),

    proven(
      "3.5.1",
      "20 minutes without any answer end a Lambda action.",
      QUOTAS,
      "timers: 20 minutes without an answer fail the action, with the service's text",
    ),
    proven(
      "3.5.2",
      "Every answer with a token starts the 20 minutes anew.",
      QUOTAS,
      "timers: an answer with a token starts the 20 minutes anew",
    ),
    proven(
      "3.5.3",
      "A Lambda action has 24 hours in all.",
      QUOTAS,
      "timers: after 24 hours the action fails, however often it has answered",
    ),
    choice(
      "3.5.4",
      "The 20 minutes count from when the job is dispatched, and a timed-out action fails with `JobFailed`.",
      "timers: the error code of a timeout is JobFailed, and its output is empty",
    ),
    proven(
      "3.5.5",
      "A custom action has 24 hours.",
      QUOTAS,
      "custom-action: 24 hours without a result fail it, whether or not its job was taken",
      "custom-action: the 24 hours are the action's: a job that continues does not begin them anew",
    ),
    proven(
      "3.5.6",
      "A manual approval has 7 days, or its own timeout of 5 to 86,400 minutes.",
      QUOTAS,
      "manual-approval: it waits 7 days, and then fails",
      "manual-approval: with a timeout of its own it waits so many minutes",
      "manual-approval: a timeout of less than 5 or more than 86400 minutes is refused",
    ),
    proven("3.5.7", "An S3 deployment has 90 minutes.", QUOTAS, "s3-deploy: after 90 minutes it fails"),
    {
      id: "3.5.8",
      says: "A rule has its own timeout of 5 to 86,400 minutes. Here that is checked; rules are not run, their stage goes on as if they had succeeded, and the run says so.",
      source: "API reference, RuleDeclaration",
      state: "our choice",
      tests: [
        "stage-conditions: a rule may have a timeout of 5 to 86400 minutes, and no other",
        "stage-conditions: rules are not run: the stage goes on as if they had succeeded, and the story says so",
      ],
    },
    proven(
      "3.5.9",
      "A partner action type has a timeout for each job.",
      "API reference, ActionTypeExecutor",
      "third-party-jobs: the type's time is that of each job: an answer with a token starts it anew",
      "partner-functions: a job that was not answered in its type's time fails the action; the late answer moves nothing",
    ),
    {
      id: "3.5.10",
      says: "Step Functions have 7 days, CloudFormation 3, CodeDeploy 5, CodeBuild 8 hours. Here actions of types that are not run fail at once, with `ConfigurationError`, their name, and what would be right.",
      source: QUOTAS,
      state: "our choice",
      tests: [
        "other-actions: their pipeline is taken, and they fail at once with ConfigurationError, their name, and what would be right",
      ],
    },
  ],
};
