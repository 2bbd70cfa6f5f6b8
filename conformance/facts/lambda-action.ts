import type { FactPart, TestName } from "../facts.ts";
import { choice, OBSERVED, proven } from "./state.ts";

const REFERENCE = "user guide, AWS Lambda invoke action reference";
const GUIDE = "user guide, Invoke a Lambda function";
const ASYNCHRONOUS = "Lambda developer guide, Asynchronous invocation";
const VARIABLES = "user guide, Variables reference";

const SUCCEEDED: TestName =
  "list-action-executions: a Lambda action that succeeded shows its function as external execution, its places and its variables";
const FAILED: TestName =
  "list-action-executions: a Lambda action that failed shows its message as summary, its type alone as error, and no output";
const OWN_WORDS: TestName =
  "get-pipeline-state: what a function says of its own execution is not shown, neither at success nor at failure";
const NOBODY: TestName =
  "lambda-action: a function need not exist when the pipeline is created; its action fails then, with no external execution";
const RETRIED: TestName =
  "rhythm: a function that raises is called again after one minute and after two more, with the same event";
const BARE: TestName =
  "job-event: of an action with nothing but a function has four members of data, and no null in them";
const PLACES: TestName = "job-event: tells of an artifact its name, its revision and where in S3 it is";
const LOOKS: TestName = "rhythm: a success is taken at once and acted on 30 seconds after the job was dispatched";
const VARIABLES_USED: TestName =
  "lambda-action: variables are exactly those of the report that ended the action, and its namespace makes them usable";

/** The Lambda action, from its declaration to what is shown of it. */
export const LAMBDA_ACTION_FACTS: FactPart = {
  title: "The Lambda action",
  facts: [
    proven("5.1.1", "Category `Invoke`, owner `AWS`, provider `Lambda`, version `1`.", REFERENCE, SUCCEEDED),
    proven(
      "5.1.2",
      "0 to 5 artifacts in, 0 to 5 out; six are refused.",
      REFERENCE,
      "job-event: has empty lists for an action without artifacts",
      "job-event: has five artifacts each way in the order of the declaration",
      "lambda-action: six %s are one too many",
    ),
    proven(
      "5.1.3",
      "`FunctionName` is required, and its absence is told in the service's words.",
      OBSERVED,
      "lambda-action: a configuration without FunctionName is refused in the service's words",
    ),
    proven(
      "5.1.4",
      "A key that the action does not have is refused in the service's words.",
      OBSERVED,
      "lambda-action: a configuration with a key that Lambda actions do not have is refused in the service's words",
    ),
    proven(
      "5.1.5",
      "`UserParameters` have at most 1,000 characters.",
      `${REFERENCE}; user guide, Quotas`,
      "lambda-action: UserParameters of 1,001 characters are refused",
      "job-event: has UserParameters as declared: %s",
    ),
    proven(
      "5.1.6",
      "`UserParameters` are handed over unchanged.",
      REFERENCE,
      "job-event: has UserParameters as declared: %s",
    ),
    proven(
      "5.1.7",
      "`#{…}` in them is resolved first, several in one value, in one pass.",
      VARIABLES,
      "job-event: has variables in their place, several in one value, and a value's own braces are left alone",
    ),
    proven("5.1.8", "Whether the function exists is not looked at when the pipeline is created.", OBSERVED, NOBODY),
    proven(
      "5.1.9",
      "`region` may name another region, whose function is called.",
      "user guide, Add a cross-Region action",
      "lambda-action: an action of another region calls the function of that region, with artifacts in that region's store",
    ),
    proven(
      "5.1.10",
      "`roleArn` is optional; the action then works as that role.",
      "API reference, ActionDeclaration",
      "job-event: has credentials of the action's role where the action declares one",
      "lambda-action: a role that may not invoke the function fails the action with PermissionError, before any call",
    ),
    proven("5.1.11", "A namespace makes the output variables usable by later actions.", VARIABLES, VARIABLES_USED),
    proven(
      "5.1.12",
      "Output variables are exactly those of the success that ended the action.",
      REFERENCE,
      VARIABLES_USED,
    ),
    proven(
      "5.1.13",
      "Without a namespace they are shown in the history all the same.",
      VARIABLES,
      "lambda-action: without a namespace the variables are shown all the same",
    ),
    choice(
      "5.1.14",
      "`FunctionName` may also be a partial or whole ARN, or have a version or an alias behind it.",
      "lambda-action: FunctionName may be %s, which is then the external execution's id",
    ),
    choice(
      "5.1.15",
      "A reference to a variable that no action put out fails the action with `ConfigurationError`.",
      "lambda-action: a reference to a variable that the function did not put out fails the action with ConfigurationError",
    ),
    proven(
      "5.1.16",
      "Lambda is a provider of Deploy actions, too: the artifact becomes a version of the function, which an alias gets.",
      "user guide, AWS Lambda deploy action reference",
      "lambda-deploy: the artifact becomes a new version, which the alias names and whose number is a variable",
      "lambda-deploy: without an alias the new version is made and nothing names it",
      "lambda-deploy: without an artifact the alias gets a version that is there",
      "lambda-deploy: it needs a V2 pipeline and a FunctionName",
    ),
    {
      id: "5.1.17",
      says: "Such an action may shift traffic bit by bit, and watch alarms. Here that is refused, with what would be right.",
      source: "user guide, AWS Lambda deploy action reference",
      state: "our choice",
      tests: [
        "lambda-deploy: traffic shifted bit by bit, alarms, and versions without their alias are refused, with what would be right",
      ],
    },

    proven(
      "5.2.1",
      "A key in the artifact bucket is reserved for each output before the function is called.",
      GUIDE,
      PLACES,
      SUCCEEDED,
    ),
    proven(
      "5.2.2",
      "The function is called asynchronously with the job as its event.",
      "Lambda developer guide, Using AWS Lambda with CodePipeline",
      "job-event: has one key, CodePipeline.job, and the job has id, accountId and data",
      RETRIED,
    ),
    proven(
      "5.2.3",
      "The call is made with the rights of the pipeline's or the action's role.",
      GUIDE,
      "lambda-action: a role that may not invoke the function fails the action with PermissionError, before any call",
    ),
    proven(
      "5.2.4",
      "That the handler returns means nothing: the action goes on.",
      OBSERVED,
      "lambda-action: a function that returns without a report has said nothing: its action goes on",
    ),
    proven(
      "5.2.5",
      "A function that raises, or runs out of time, is called again with the same event, job id and credentials included: twice more.",
      ASYNCHRONOUS,
      "job-event: comes again, byte for byte, when the function raises: twice more",
      RETRIED,
    ),
    proven(
      "5.2.6",
      "It is called again after one minute and after two more (`timing: aws`; `fast` does it at once).",
      ASYNCHRONOUS,
      RETRIED,
    ),
    proven(
      "5.2.7",
      "How often is the function's setting, 0 to 2; how old the event may become too, 60 to 21,600 seconds.",
      "Lambda API reference, PutFunctionEventInvokeConfig",
      "rhythm: how often a function that raises is called again is the function's own setting",
      "rhythm: no function can ask for %s",
    ),
    proven(
      "5.2.8",
      "CodePipeline learns nothing of these calls: a function is called again though it has reported, and the same report again does no harm.",
      `${ASYNCHRONOUS}; ${OBSERVED}`,
      "rhythm: a function that raises after its report is called again too, and the same report again is fine",
    ),
    choice(
      "5.2.9",
      "After a restart of the server the next call has fresh credentials in its event, because no credentials are stored, and a job that has its report is not called again.",
      "rhythm: after a restart the next call has the same job and fresh credentials; a job that has its report has none",
    ),
    proven(
      "5.2.10",
      "A function that does not exist fails the action at once: `ConfigurationError`, the service's text, no external execution.",
      OBSERVED,
      NOBODY,
      "rhythm: an action whose function does not exist fails without waiting for a look",
    ),
    choice(
      "5.2.11",
      "A role that may not invoke fails the action at once with `PermissionError` and IAM's text. (The code was noted by an observer, the text by nobody.)",
      "lambda-action: a role that may not invoke the function fails the action with PermissionError, before any call",
    ),
    choice(
      "5.2.12",
      "A function without room for the call is called, once, when it has room; the action waits.",
      "lambda-action: a function that has no room is called when it has, and the action waits",
    ),
    proven(
      "5.2.13",
      "A function that raises or never reports fails after the 20 minutes, with the service's text.",
      "aws-samples/aws-serverless-workshops#224",
      "timers: 20 minutes without an answer fail the action, with the service's text",
      "lambda-action: a function that raises on every call has said nothing either, and fails after 20 minutes",
    ),
    proven(
      "5.2.14",
      "So does one that lacks the right to report.",
      "aws/serverless-application-model#389",
      "authentication: without its policy the reference function is denied in the service's words, and its action fails",
    ),
    proven(
      "5.2.15",
      "A success without a declared output succeeds, its reserved place is shown, and who reads it finds no such key.",
      OBSERVED,
      "artifact-store: a declared output that nobody wrote: the action succeeds, its place is shown, and there is no such key",
    ),
    choice(
      "5.2.16",
      "With the job's own credentials, which may not list, the missing object is S3's `AccessDenied`.",
      "artifacts: a declared output that was never written fails nothing, but cannot be read",
    ),
    proven(
      "5.2.17",
      "An S3 deploy action that gets such an output fails with `ConfigurationError` and S3's answer.",
      OBSERVED,
      "s3-deploy: an output that its function never wrote fails it with ConfigurationError and S3's answer",
    ),

    proven(
      "5.3.1",
      "The event has one key, `CodePipeline.job`; the job has `id`, `accountId` and `data`, and no more.",
      OBSERVED,
      "job-event: has one key, CodePipeline.job, and the job has id, accountId and data",
    ),
    proven(
      "5.3.2",
      "`UserParameters` is absent when the action declares none.",
      "public samples of the event",
      "job-event: has no UserParameters when the action declares none",
    ),
    proven(
      "5.3.3",
      "Both lists of artifacts are always there, if need be empty.",
      OBSERVED,
      "job-event: has empty lists for an action without artifacts",
    ),
    proven(
      "5.3.4",
      "An input has the version of its source as `revision`, an output an explicit `null`.",
      OBSERVED,
      "job-event: has the source's version as the revision of an input",
      "job-event: has an explicit null as the revision of an output",
    ),
    proven("5.3.5", "An artifact is name, revision and a location of type `S3` with bucket and key.", OBSERVED, PLACES),
    choice(
      "5.3.6",
      "An input that a function made has the revision `null`, as its output had.",
      "job-event: has null for the revision of an input that a function made",
    ),
    proven(
      "5.3.7",
      "`artifactCredentials.expirationTime` is an integer of epoch milliseconds, on a whole second.",
      OBSERVED,
      "job-event: has credentials whose expirationTime is a whole second in milliseconds, 900 seconds after the session's name",
    ),
    proven(
      "5.3.8",
      "`continuationToken` is absent, not `null`, in a first job.",
      REFERENCE,
      "job-event: has no continuationToken in the first job, not even null",
      BARE,
    ),
    proven(
      "5.3.9",
      "`encryptionKey` is there only if the artifact store declares a key.",
      OBSERVED,
      "job-event: has no encryptionKey when the artifact store declares none",
      "artifact-store: its key may be named by %s: jobs name it as declared, and the source copy is encrypted with it",
    ),
    proven(
      "5.3.10",
      "Action type and pipeline context are never in the event.",
      OBSERVED,
      "job-event: never has the action's type or the pipeline's context, which GetJobDetails has",
    ),
    proven("5.3.11", "Data have four members and the two that may be absent, and no other.", OBSERVED, BARE),

    proven(
      "5.4.1",
      "A result is taken at once and acted on at a look: 30 seconds after the dispatch (`timing: aws`).",
      OBSERVED,
      LOOKS,
      "rhythm: a failure is acted on at the look as well",
    ),
    proven(
      "5.4.2",
      "The looks go on every 30 seconds.",
      OBSERVED,
      "rhythm: a result after the first look is acted on at the second",
    ),
    proven(
      "5.4.3",
      "The job after a continuation is made at the look, with new credentials.",
      OBSERVED,
      "rhythm: the job after a continuation comes at the look, 30 seconds after the job before it, with new credentials",
    ),
    choice(
      "5.4.4",
      "GetPipelineState and ListActionExecutions tell the same time of the last change; the service's differ by a quarter of a second.",
      "get-pipeline-state: the last change of an action is when the history says that it was updated, without the service's lag",
    ),

    proven(
      "5.5.1",
      "The history of a success: the function's name as external id, the link to its logs, no summary.",
      OBSERVED,
      "lambda-action-shown: the history of a success has the function's name and a link, and no summary",
    ),
    proven(
      "5.5.2",
      "The history of a failure: the same, the message as summary, and the code alone as error.",
      OBSERVED,
      "lambda-action-shown: the history of a failure has the message as summary and the code alone as error",
    ),
    proven(
      "5.5.3",
      "Outputs of a success are the reserved places and the variables.",
      OBSERVED,
      "lambda-action-shown: the outputs of a success are the reserved places and the variables",
    ),
    proven(
      "5.5.4",
      "Outputs of a failure are an empty list and an empty map.",
      OBSERVED,
      "lambda-action-shown: the outputs of a failure are an empty list and an empty map",
    ),
    proven(
      "5.5.5",
      "The state of a success: execution id, status, time, external id and link; no summary.",
      OBSERVED,
      "lambda-action-shown: the state of a success has id, status, time, external id and link, and no summary",
    ),
    proven(
      "5.5.6",
      "The state of a failure: code and message as error, and no summary.",
      OBSERVED,
      "lambda-action-shown: the state of a failure has code and message as error, and no summary",
    ),
    proven(
      "5.5.7",
      "External id, summary and percentage that the caller sends are shown nowhere, after success and failure alike.",
      OBSERVED,
      OWN_WORDS,
      "put-job-success-result: details and revision of the caller are taken and shown nowhere",
      FAILED,
    ),
    proven(
      "5.5.8",
      "The link leads to the function's log group, its slashes encoded twice.",
      OBSERVED,
      "lambda-action-shown: the link leads to the function's log group, its slashes encoded twice",
    ),
    proven(
      "5.5.9",
      "The entity's link leads to the function.",
      OBSERVED,
      "lambda-action-shown: the entity's link leads to the function",
    ),
    proven(
      "5.5.10",
      "The error's code is the failure's type.",
      OBSERVED,
      "put-job-failure-result: %s becomes the action's error code, with the message beside it",
    ),
    proven(
      "5.5.11",
      "Artifacts in the history are `{name, s3location: {bucket, key}}`, spelled otherwise than in a job.",
      "API reference, ArtifactDetail",
      SUCCEEDED,
    ),
    proven(
      "5.5.12",
      "The history shows configuration before and after its variables were resolved, the region always, namespace and role if declared.",
      OBSERVED,
      "lambda-action-shown: the history shows the region, the type and the configuration of an action as it was run",
      "list-action-executions: namespace and role of an action are shown, and a variable before and after it was resolved",
    ),
    choice(
      "5.5.13",
      "GetPipelineState tells the same as ListActionExecutions at once; the service's lags by seconds.",
      "get-pipeline-state: the last change of an action is when the history says that it was updated, without the service's lag",
    ),
  ],
};
