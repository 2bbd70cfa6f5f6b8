import { expect, test } from "vitest";
import type { EntryOf, StoryEntry, StoryEvent } from "../story.ts";
import { diagnose } from "./diagnose.ts";
import type { ActionFacts, JobFacts } from "./facts.ts";

/*
 * Stories in short, and the causes that they are given, the root first.
 */

const OWN = "11111111-1111-4111-8111-111111111111";
const DENIED = {
  code: "AccessDeniedException",
  message:
    "User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: codepipeline:PutJobSuccessResult because no identity-based policy allows the codepipeline:PutJobSuccessResult action",
};
const NO_KEY = { code: "NoSuchKey", message: "The specified key does not exist." };

const end = (outcome: EntryOf<"attemptEnded">["outcome"], errorType = "", errorMessage = ""): StoryEvent => ({
  type: "attemptEnded",
  requestId: "r",
  attempt: 1,
  outcome,
  durationMs: 3000,
  ...(outcome === "returned" && { returned: "null" }),
  ...(errorType && { error: { errorType, errorMessage, stackTrace: [] } }),
});
const call = (operation: string, error?: { code: string; message: string }, otherJobId?: string): StoryEvent => ({
  type: "apiCall",
  service: operation.startsWith("PutJob") ? "codepipeline" : "s3",
  operation,
  ...(error && { error }),
  ...(otherJobId !== undefined && { otherJobId }),
});
const log = (line: string): StoryEvent => ({ type: "logLine", requestId: "r", line });
const note = (cause: NonNullable<EntryOf<"note">["cause"]>): StoryEvent => ({ type: "note", message: cause, cause });

/** What can happen in a story, by a word. */
const WORDS: Readonly<Record<string, StoryEvent>> = {
  call: { type: "invoked", functionName: "f", requestId: "r", attempt: 1 },
  returned: end("returned"),
  raised: end("raised", "KeyError", "'mode'"),
  "raised-denied": end(
    "raised",
    "ClientError",
    "An error occurred (AccessDeniedException) when calling PutJobSuccessResult",
  ),
  "raised-no-key": end("raised", "NoSuchKey", "The specified key does not exist."),
  "raised-parameters": end("raised", "ParamValidationError", "Parameter validation failed"),
  "raised-unreachable": end(
    "raised",
    "EndpointConnectionError",
    'Could not connect to the endpoint URL: "https://x.example/"',
  ),
  "timed-out": end("timedOut", "Sandbox.Timedout", "Task timed out after 3.00 seconds"),
  killed: end("crashed", "Runtime.ExitError", "RequestId: r Error: Runtime exited with error: signal: killed"),
  aborted: end("crashed", "Runtime.ExitError", "RequestId: r Error: Runtime exited with error: signal: aborted"),
  exited: end("crashed", "Runtime.ExitError", "RequestId: r Error: Runtime exited with error: exit status 1"),
  "no-module": end("couldNotStart", "Runtime.ImportModuleError", "No module named 'x'"),
  "no-python": end("couldNotStart", "Runtime.InvalidRuntime", "no python"),
  loading: end("couldNotStart", "ValueError", "x"),
  "full-memory": log(
    "REPORT RequestId: r\tDuration: 1.00 ms\tBilled Duration: 1 ms\tMemory Size: 128 MB\tMax Memory Used: 130 MB\t",
  ),
  "some-memory": log(
    "REPORT RequestId: r\tDuration: 1.00 ms\tBilled Duration: 1 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\t",
  ),
  "heap-line": log("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"),
  "refused-line": log("Error: connect ECONNREFUSED 127.0.0.1:9"),
  "report-denied": call("PutJobSuccessResult", DENIED),
  "report-invalid": call("PutJobFailureResult", { code: "ValidationException", message: "1 validation error" }),
  "report-late": call("PutJobSuccessResult", { code: "InvalidJobStateException", message: "has already terminated" }),
  "report-stray": call("PutJobSuccessResult", undefined, "other"),
  "get-denied": call("GetObject", { code: "AccessDenied", message: "Access Denied" }),
  "get-expired": call("GetObject", { code: "ExpiredToken", message: "The provided token has expired." }),
  "no-key": call("GetObject", NO_KEY),
  success: { type: "reported", result: "success" },
  failure: { type: "reported", result: "failure", message: "JobFailed: no" },
  "no-retries": note("retriesExhausted"),
  throttle: note("throttled"),
  old: note("eventTooOld"),
  "no-output": note("noDeclaredOutput"),
  "no-kms": note("outputWithoutKey"),
  leak: note("loggedCredentials"),
};

/** The status of the action, and of the job with `!` where it has a report. */
const TABLE = `
  Failed TimedOut       | call raised call raised no-retries              | functionRaised outOfRetries
  Failed TimedOut       | call timed-out                                  | timedOut
  Failed TimedOut       | call full-memory killed                         | killedForMemory
  Failed TimedOut       | call some-memory killed                         | processEnded
  Failed TimedOut       | call heap-line aborted                          | killedForMemory
  Failed TimedOut       | call exited                                     | processEnded
  Failed TimedOut       | call no-module no-retries                       | importError outOfRetries
  Failed TimedOut       | call no-python                                  | interpreterMissing
  Failed TimedOut       | call loading                                    | couldNotStart
  Failed TimedOut       | call returned                                   | returnedWithoutReporting
  Failed TimedOut       | call raised call returned                       | functionRaised returnedWithoutReporting
  Failed TimedOut       | call report-denied returned                     | denied
  Failed TimedOut       | call report-denied raised-denied no-retries     | denied functionRaised outOfRetries
  Failed TimedOut       | call report-denied timed-out                    | denied timedOut
  Failed TimedOut       | call get-denied raised                          | functionRaised denied
  Failed TimedOut       | call get-denied returned                        | denied returnedWithoutReporting
  Failed TimedOut       | call get-expired raised                         | functionRaised expiredCredentials
  Failed TimedOut       | call get-expired returned                       | expiredCredentials returnedWithoutReporting
  Failed TimedOut       | call no-key raised                              | functionRaised
  Failed TimedOut       | call no-key raised-no-key                       | callRefused functionRaised
  Failed TimedOut       | call report-invalid returned                    | invalidParameters
  Failed TimedOut       | call raised-parameters                          | invalidParameters functionRaised
  Failed TimedOut       | call raised-unreachable                         | endpointUnreachable functionRaised
  Failed TimedOut       | call refused-line timed-out                     | endpointUnreachable timedOut
  Failed TimedOut       | call report-stray returned                      | reportedForAnotherJob
  Failed TimedOut       | call report-late returned                       | reportedTooLate
  Failed TimedOut       | throttle                                        | throttled
  Failed TimedOut       | throttle throttle old                           | throttled eventTooOld
  Failed TimedOut       | call raised old                                 | functionRaised eventTooOld
  Failed TimedOut       |                                                 | noReport
  Failed TimedOut       | call                                            | noReport
  Failed Failed!        | call failure raised                             | reportedFailure
  Failed Failed!        | call get-denied failure returned                | reportedFailure denied
  Failed Succeeded!     | call success no-output returned                 | noDeclaredOutput
  Failed Failed         |                                                 | actionFailed
  Succeeded Succeeded!  | call success returned                           |
  Succeeded Succeeded!  | call raised call success returned               |
  Succeeded Succeeded!  | call success raised call raised                 | crashedAfterReporting
  Succeeded Succeeded!  | call success report-late returned               |
  Succeeded Succeeded!  | call refused-line no-key success returned       |
  Succeeded Succeeded!  | call success returned no-output                 | noDeclaredOutput
  Succeeded Succeeded!  | call success raised no-kms                      | outputWithoutKey crashedAfterReporting
  Succeeded Succeeded!  | call leak success returned                      | loggedCredentials
  Failed TimedOut       | call leak raised                                | functionRaised loggedCredentials
  Failed TimedOut       | call leak                                       | noReport loggedCredentials
  InProgress Dispatched | call                                            |
  InProgress Dispatched | call raised                                     | functionRaised
  Abandoned Dispatched  | call raised                                     |
`;

interface Row {
  readonly status: string;
  readonly job: JobFacts;
  readonly words: string;
}

function factsOf({ status, job, words }: Row): ActionFacts {
  const place = { pipeline: "p", executionId: "e", stage: "s", action: "a", actionExecutionId: "x" };
  const account = "123456789012";
  const events = words.split(" ").flatMap((word) => WORDS[word] ?? (word === "" ? [] : [unknown(word)]));
  const entries = events.map((event, at): StoryEntry => ({ ...place, jobId: OWN, at, ...event }));
  const failed = status === "Failed" ? { error: { code: "JobFailed", message: "It failed." } } : {};
  const more = { status, startedAt: 0, updatedAt: 9, inputArtifacts: [], outputArtifacts: [], now: 1_000, entries };
  return { ...place, ...more, ...failed, account, functionName: "f", jobs: [job] };
}

function unknown(word: string): never {
  throw new Error(`There is no word ${word}.`);
}

const readRow = (line: string): readonly [row: Row, causes: string] => {
  const [standing = "", words = "", causes = ""] = line.split("|").map((cell) => cell.trim());
  const [status = "", ofJob = ""] = standing.split(/ +/);
  const job = {
    id: OWN,
    number: 1,
    status: ofJob.replace("!", "") as JobFacts["status"], // the table is ours
    dispatchedAt: 0,
    replyDueAt: 20 * 60_000,
    isReported: ofJob.endsWith("!"),
  };
  return [{ status, job, words }, causes];
};

test("a story is given its causes, the root first", () => {
  const rows = TABLE.trim().split("\n").map(readRow);
  expect(rows.length).toBeGreaterThan(40);
  const told = rows.map(([row]) => {
    const { findings } = diagnose(factsOf(row));
    return `${row.words} | ${findings.map(({ cause }) => cause).join(" ")}`;
  });
  expect(told).toEqual(rows.map(([{ words }, causes]) => `${words} | ${causes}`));
});

test("every finding has a sentence, evidence and a remedy, and the diagnosis is its root", () => {
  for (const [row] of TABLE.trim().split("\n").map(readRow)) {
    const diagnosis = diagnose(factsOf(row));
    const [root] = diagnosis.findings;
    if (root) expect(diagnosis).toMatchObject({ cause: root.cause, sentence: root.sentence, remedy: root.remedy });
    for (const { sentence, evidence, remedy } of diagnosis.findings) {
      expect(sentence).toMatch(/^[A-Z].*\.$/s);
      expect(evidence.length).toBeGreaterThan(0);
      expect(remedy).not.toBe("");
    }
  }
});

test("what waits says for what, and until when", () => {
  const [row] = readRow("InProgress Dispatched | |");
  const standing = (more: Partial<JobFacts>) => diagnose(factsOf({ ...row, job: { ...row.job, ...more } }));
  expect(standing({})).toMatchObject({
    state: "waiting",
    sentence: "The action waits for a report; without a report the action fails in 19 min 59 s.",
  });
  expect(standing({}).standing).toBe(standing({}).sentence);
  const [raised] = readRow("InProgress Dispatched | call raised |");
  expect(diagnose(factsOf(raised))).toMatchObject({
    cause: "functionRaised",
    standing: "The action waits for a report; without a report the action fails in 19 min 59 s.",
  });
  expect(diagnose(factsOf(readRow("Succeeded Succeeded! | call success |")[0])).standing).toBeUndefined();
  expect(standing({ nextCallAt: 61_000 }).sentence).toMatch(/^The function is called in 1 min 0 s; without/);
  expect(standing({ actsAt: 31_000 }).sentence).toBe("The function has reported; the service acts on it in 30 s.");
});

test("an action that failed before its function could be called", () => {
  const [row] = readRow("Failed Failed | |");
  const facts = factsOf(row);
  const message =
    "User: arn:aws:sts::123456789012:assumed-role/Pipe/1 is not authorized to perform: lambda:InvokeFunction on resource: arn:f because no identity-based policy allows the lambda:InvokeFunction action";
  expect(diagnose({ ...facts, error: { code: "PermissionError", message } })).toMatchObject({
    cause: "denied",
    sentence: "Role Pipe was denied lambda:InvokeFunction on arn:f.",
    findings: [{ missing: { role: "Pipe", statement: { Action: "lambda:InvokeFunction", Resource: "arn:f" } } }],
  });
  const missing = { code: "ConfigurationError", message: "The AWS Lambda function f does not exist." };
  expect(diagnose({ ...facts, error: missing }).cause).toBe("functionMissing");
  expect(diagnose({ ...facts, jobs: [], error: missing }).cause).toBe("functionMissing");
});
