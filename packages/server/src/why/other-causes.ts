/** Causes that lie in the queue of calls, in the report itself, in the artifacts, and in the action as a whole. */
import { sceneOf } from "./call-causes.ts";
import { type Chapter, EVIDENCE_COUNT_MAX, evidenceOf, oneLine, sentence } from "./chapter.ts";
import { denialOf, denialRemedy, refusedOne } from "./denial.ts";
import type { Cause, Finding } from "./diagnosis.ts";
import type { ActionFacts } from "./facts.ts";

/** What the queue of asynchronous calls noted, and what the check of the outputs did. */
export function notedFindings({ notes }: Chapter): readonly Finding[] {
  return notes.flatMap((note) => {
    const noted = NOTED[note.cause ?? ""];
    if (!noted) return [];
    const [cause, remedy] = noted;
    return [{ cause, sentence: sentence(note.message), evidence: [evidenceOf(note)], remedy }];
  });
}

const NOTED: Readonly<Record<string, readonly [cause: Cause, remedy: string]>> = {
  throttled: [
    "throttled",
    "Raise the function's reserved concurrency with PutFunctionConcurrency, or take it away with DeleteFunctionConcurrency.",
  ],
  eventTooOld: [
    "eventTooOld",
    "Raise MaximumEventAgeInSeconds with PutFunctionEventInvokeConfig, or make room so that the call comes sooner.",
  ],
  retriesExhausted: [
    "outOfRetries",
    "Lambda calls a function that failed twice more unless PutFunctionEventInvokeConfig says otherwise. What made it fail is told above; start the pipeline again when that is mended.",
  ],
  noDeclaredOutput: [
    "noDeclaredOutput",
    "Write every declared output artifact to its place before reporting success, or take it out of outputArtifacts.",
  ],
  outputWithoutKey: [
    "outputWithoutKey",
    'Write it with ServerSideEncryption "aws:kms" and SSEKMSKeyId from event["CodePipeline.job"]["data"]["encryptionKey"]["id"].',
  ],
  outputWithWrongKey: [
    "outputWithWrongKey",
    'Take SSEKMSKeyId from event["CodePipeline.job"]["data"]["encryptionKey"]["id"]; who reads the artifact next has rights to that key.',
  ],
  loggedCredentials: [
    "loggedCredentials",
    "In AWS they would stand in CloudWatch Logs, good for 15 minutes. Log parts of the event and never the whole, or withoutCredentials(event) of @penstock/toolkit.",
  ],
};

/** The function itself said that it failed. */
export function reportedFailureFindings({ reported, attempts }: Chapter): readonly Finding[] {
  if (reported?.result !== "failure") return [];
  const later = attempts.flatMap(({ end }) => (end && end.outcome !== "returned" ? [end] : []));
  return [
    {
      cause: "reportedFailure",
      sentence: `The function reported that it failed: ${sentence(reported.message ?? "")}`,
      evidence: [reported, ...later].slice(0, EVIDENCE_COUNT_MAX).map(evidenceOf),
      remedy: "The text is the function's own; its log tells more.",
    },
  ];
}

/** What stands in the action's own error and nowhere else: it failed before its function could be called, or is no Lambda action. */
export function actionFindings(facts: ActionFacts): readonly Finding[] {
  const { error, functionName, updatedAt, approval } = facts;
  if (!error) return [];
  const evidence = [{ at: updatedAt, text: `${error.code}: ${oneLine(error.message)}` }];
  if (approval) return [approvalFinding(approval, error.message, evidence)];
  const denial = denialOf({ service: "lambda", operation: "InvokeFunction", error });
  if (denial) {
    const missing = denial.missing ? { missing: denial.missing } : {};
    const on = denial.resource === "*" ? "" : ` on ${denial.resource}`;
    return [
      {
        cause: "denied",
        sentence: `${capital(refusedOne(denial, sceneOf(facts)))} was denied ${denial.action}${on}.`,
        evidence,
        remedy: denialRemedy(denial, sceneOf(facts)),
        ...missing,
      },
    ];
  }
  if (functionName !== undefined && error.message.endsWith("does not exist.")) {
    return [
      {
        cause: "functionMissing",
        sentence: sentence(error.message),
        evidence,
        remedy: `Create the function ${functionName} in the action's region, or correct FunctionName.`,
      },
    ];
  }
  const remedy = "The text says what is wrong; mend that and start the pipeline again.";
  return [{ cause: "actionFailed", sentence: sentence(`${error.code}: ${error.message}`), evidence, remedy }];
}

function approvalFinding(
  { by, isOutdated }: NonNullable<ActionFacts["approval"]>,
  message: string,
  evidence: Finding["evidence"],
): Finding {
  const again = "To ask again, retry the stage with RetryStageExecution, or start the pipeline again.";
  if (by !== undefined) return { cause: "approvalRejected", sentence: sentence(message), evidence, remedy: again };
  if (isOutdated) {
    return {
      cause: "approvalOutdated",
      sentence: "Its pipeline was updated while it waited, which cancels the execution.",
      evidence,
      remedy: "Start the pipeline again: an execution of an earlier version cannot be retried.",
    };
  }
  return {
    cause: "approvalExpired",
    sentence: "Nobody approved or rejected it in time.",
    evidence,
    remedy: `${again}\nAn approval waits 7 days, or timeoutInMinutes of its action: 5 to 86400.`,
  };
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** A job that ended without a report, and nothing is known of why: the server was down, or its story is gone. */
export function noReportFindings({ job, attempts }: Chapter): readonly Finding[] {
  if (job.status !== "TimedOut") return [];
  const called = attempts.length === 0 ? "its function was never called" : "its function had not come to an end";
  return [
    {
      cause: "noReport",
      sentence: `No report came for job ${job.id} in time, and ${called}.`,
      evidence: [{ at: job.replyDueAt, text: `job ${job.id} waited for a report until then` }],
      remedy: "Start the pipeline again. An Invoke action waits 20 minutes for each report, 24 hours in all.",
    },
  ];
}
