import type { FactPart } from "../facts.ts";
import { choice, proven } from "./state.ts";

const CUSTOM = "user guide, Create a custom action";

/** Jobs that workers poll for: who gets them, and what they are told. */
export const WORKER_JOB_FACTS: FactPart = {
  title: "Jobs that workers poll for",
  facts: [
    proven(
      "3.0.7",
      "PollForJobs hands out a job of a custom action with a nonce.",
      CUSTOM,
      "poll-for-jobs: hands out a job with a nonce, and with all that its worker needs",
    ),
    proven(
      "3.0.8",
      "AcknowledgeJob answers InProgress, or `InvalidNonceException` when another worker has the job.",
      CUSTOM,
      "acknowledge-job: answers InProgress to the worker that was handed the job",
      "acknowledge-job: a worker with the nonce of one that has taken the job already is refused",
      "acknowledge-job: a worker that was too late is refused once another one was handed the job, which then has it",
    ),
    proven(
      "3.0.9",
      "PollForJobs takes the owner `Custom` alone, and says which action type is not available.",
      "API reference, PollForJobs; boto/boto3#1100; awslabs/aws-codepipeline-plugin-for-jenkins#14",
      "poll-for-jobs: the owner %s is refused by name",
      "poll-for-jobs: a type that is not there is told with all its parts, and so is another version of one that is",
    ),
    proven(
      "3.0.10",
      "PollForJobs takes a batch size from 1 and one query parameter of at most 50 characters.",
      "API reference, PollForJobs",
      "poll-for-jobs: %s is refused by the model's constraint",
      "poll-for-jobs: a batch has at most as many jobs as were asked for, the oldest first, and one unless asked",
    ),
    proven(
      "3.0.11",
      "Secret properties of a custom action are plain text in the job's data.",
      "API reference, PollForJobs",
      "custom-action: a secret value is plain in the job's data, and shown nowhere else",
    ),
    proven(
      "3.0.12",
      "Third-party jobs have operations of their own, which check a client token.",
      "API reference, PollForThirdPartyJobs",
      "third-party-jobs: a poll answers the job's id and its client's, and nothing of what it is about",
      "third-party-jobs: the details have the job's data, secrets included, and the nonce that takes it",
      "third-party-jobs: every word on a job without its client token is refused, and leaves the job as it was",
      "third-party-jobs: the worker's success ends the action, with the link that its type makes",
      "third-party-jobs: the worker's failure fails the action",
    ),
    proven(
      "3.0.13",
      "`pipelineArn` and `pipelineExecutionId` of the context are there for a custom action.",
      "API reference, PipelineContext",
      "custom-action: GetJobDetails names pipeline and execution, which are left out for a Lambda action, and gives no nonce",
    ),
    choice(
      "3.0.14",
      "A job that was handed out and not acknowledged is handed out again after a minute, with another nonce.",
      "poll-for-jobs: a job that was handed out is not handed to a second worker, until a minute has passed without a word",
    ),
    choice(
      "3.0.15",
      "A job that was handed out and not acknowledged takes a result all the same.",
      "custom-action: a job that was handed out and not acknowledged takes a result all the same",
    ),
    choice(
      "3.0.16",
      "A job whose execution is over is handed to nobody, and acknowledged by nobody.",
      "poll-for-jobs: a job whose execution was abandoned while it waited is handed to nobody",
      "acknowledge-job: a job whose execution was abandoned meanwhile is refused",
    ),
  ],
};
