/*
 * Why an action stands where it stands.
 *
 * Every cause that the story shows is found on its own; then they are put in order, the root first, by the list in
 * `diagnosis.ts`, with two exceptions:
 *
 * - A refused call is only the root of a function's error, timeout or own report of failure when it was a report, or
 *   when that error repeats it. A function may well be refused one thing, go on, and fail for another reason.
 * - A call that waits for room, or came too late to be made, is the root as long as nothing was called.
 *
 * Of a chain of jobs the last one says why the action stands; the ones before it were continued, so they were well.
 */
import { callFindings } from "./call-causes.ts";
import { type Chapter, chapterOf, errorText, isReport, oneLine } from "./chapter.ts";
import { CAUSES, type Cause, type Diagnosis, type DiagnosisState, type Finding } from "./diagnosis.ts";
import { duration } from "./duration.ts";
import type { ActionFacts } from "./facts.ts";
import { attemptFindings, lateCrashFindings, silenceFindings } from "./function-causes.ts";
import { actionFindings, noReportFindings, notedFindings, reportedFailureFindings } from "./other-causes.ts";
import { workerFindings, workerStanding } from "./worker-causes.ts";

/** Answers how an action stands and why. Pure: the same facts give the same answer. */
export function diagnose(facts: ActionFacts): Diagnosis {
  const { pipeline, executionId, stage, action, actionExecutionId, error } = facts;
  const last = facts.jobs.at(-1);
  const chapter = last && chapterOf(last, facts);
  const state = stateOf(facts, chapter);
  const findings = state === "abandoned" ? [] : findingsOf(facts, chapter, state);
  const [root] = findings;
  return {
    pipeline,
    executionId,
    stage,
    action,
    actionExecutionId,
    ...(last && { jobId: last.id }),
    state,
    ...(error && { error }),
    ...(root && { cause: root.cause }),
    sentence: root?.sentence ?? standing(state, facts, chapter),
    ...((state === "waiting" || state === "running") && { standing: standing(state, facts, chapter) }),
    evidence: root?.evidence ?? [],
    remedy: root?.remedy ?? (state === "waiting" ? wayOn(facts) : ""),
    findings,
  };
}

function stateOf({ status, approval }: ActionFacts, chapter: Chapter | undefined): DiagnosisState {
  if (status === "Succeeded") return "succeeded";
  if (status === "Failed") return "failed";
  if (status === "Abandoned") return "abandoned";
  if (approval) return "waiting";
  const worker = chapter?.job.worker;
  if (worker) return worker.acknowledgedAt === undefined ? "waiting" : "running";
  const latest = chapter?.attempts.at(-1);
  const isWaiting = chapter !== undefined && (latest === undefined || latest.end !== undefined);
  return isWaiting ? "waiting" : "running";
}

function findingsOf(facts: ActionFacts, chapter: Chapter | undefined, state: DiagnosisState): readonly Finding[] {
  if (!chapter) return state === "failed" ? actionFindings(facts) : [];
  if (chapter.job.worker && state !== "succeeded") return workerFindings(chapter, chapter.job.worker, facts);
  if (state === "succeeded") return warningsOf(chapter, facts);
  const found = [
    ...callFindings(chapter, facts),
    ...attemptFindings(chapter),
    ...reportedFailureFindings(chapter),
    ...silenceFindings(chapter),
    ...notedFindings(chapter),
    ...lateCrashFindings(chapter),
  ];
  const unexplained = state === "failed" && found.every(({ cause }) => isOnlyNoise(cause));
  const rest = chapter.job.status === "TimedOut" ? noReportFindings(chapter) : actionFindings(facts);
  return inOrder([...found, ...(unexplained ? rest : [])], chapter);
}

/** What does not explain a failure by itself. */
function isOnlyNoise(cause: Cause): boolean {
  return cause === "crashedAfterReporting" || cause === "callRefused" || cause === "loggedCredentials";
}

/** Of an action that succeeded: refused calls that it got over, outputs that are not as declared, late crashes, secrets in the log. */
function warningsOf(chapter: Chapter, facts: ActionFacts): readonly Finding[] {
  const denied = callFindings(chapter, facts).filter(({ cause }) => cause === "denied");
  const noted = notedFindings(chapter).filter(({ cause }) => LASTING_CAUSES.includes(cause));
  return inOrder([...denied, ...noted, ...lateCrashFindings(chapter)], chapter);
}

const LASTING_CAUSES: readonly Cause[] = [
  "noDeclaredOutput",
  "outputWithoutKey",
  "outputWithWrongKey",
  "loggedCredentials",
];

function inOrder(findings: readonly Finding[], chapter: Chapter): readonly Finding[] {
  const ends = endTexts(chapter);
  const ranked = distinct(findings)
    .filter((finding) => finding.cause !== "callRefused" || isRepeated(finding, ends))
    .map((finding) => ({ finding, rank: rankOf(finding, chapter, ends) }));
  const [root, ...others] = ranked.toSorted((a, b) => a.rank - b.rank).map(({ finding }) => finding);
  return root
    ? [root, ...others.map((other) => (followsFrom(root, other) ? { ...other, isConsequence: true as const } : other))]
    : [];
}

function followsFrom(root: Finding, other: Finding): boolean {
  if (other.cause === "outOfRetries") return true;
  return other.cause === "functionRaised" && isRepeated(root, [other.sentence]);
}

/** The same of every retry once. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.cause} ${finding.sentence}`, finding])).values()];
}

function rankOf(finding: Finding, chapter: Chapter, ends: readonly string[]): number {
  const { cause } = finding;
  const wasCalled = chapter.attempts.length > 0;
  if (!wasCalled && (cause === "throttled" || cause === "eventTooOld")) return 0;
  const isRoot = !CALL_CAUSES.includes(cause) || ends.length === 0 || isOfReport(finding) || isRepeated(finding, ends);
  return isRoot ? CAUSES.indexOf(cause) : CAUSES.indexOf("reportedFailure") + 0.5;
}

const CALL_CAUSES: readonly Cause[] = ["expiredCredentials", "denied", "invalidParameters", "callRefused"];

/** The errors in which the function's attempts ended, and what it said of a failure. */
function endTexts({ attempts, reported }: Chapter): readonly string[] {
  const errors = attempts.flatMap(({ end }) => (end?.error ? [errorText(end.error)] : []));
  return reported?.result === "failure" ? [...errors, oneLine(reported.message ?? "")] : errors;
}

function isOfReport({ evidence }: Finding): boolean {
  return evidence.some(({ text }) => isReport({ operation: /^\w+:(\w+)/.exec(text)?.[1] ?? "" }));
}

/** SDKs put the service's code or its text, or both, into their errors. */
function isRepeated({ evidence }: Finding, ends: readonly string[]): boolean {
  return evidence.some(({ text }) => {
    const [, code = "", message = ""] = /was refused: ([\w.]+): (.*)$/.exec(text) ?? [];
    return ends.some(
      (end) =>
        (code !== "" && end.includes(code)) || (message.length > 0 && end.includes(message)) || text.endsWith(end),
    );
  });
}

function standing(state: DiagnosisState, facts: ActionFacts, chapter: Chapter | undefined): string {
  const isOpen = state === "running" || state === "waiting";
  if (isOpen && chapter?.job.worker && chapter.job.actsAt === undefined) {
    return workerStanding(chapter, chapter.job.worker, facts);
  }
  switch (state) {
    case "succeeded":
      return "The action succeeded.";
    case "failed":
      return "The action failed.";
    case "abandoned":
      return "The action was abandoned when its execution was stopped.";
    case "running":
      return chapter ? `The function runs, attempt ${chapter.attempts.at(-1)?.number ?? 1}.` : "The action runs.";
    case "waiting":
      return waitingFor(facts, chapter);
  }
}

/** What somebody can do so that it goes on. */
function wayOn({ approval, actionExecutionId }: ActionFacts): string {
  if (!approval) return "";
  return `penstock approve ${actionExecutionId}, with --reject to say no; or PutApprovalResult with that token.`;
}

function waitingFor({ now, approval }: ActionFacts, chapter: Chapter | undefined): string {
  if (approval) {
    return `The action waits for an approval; without one it fails in ${duration((approval.dueAt ?? now) - now)}.`;
  }
  const { nextCallAt, actsAt, replyDueAt = now } = chapter?.job ?? {};
  const who = chapter?.job.worker ? "worker" : "function";
  if (actsAt !== undefined) return `The ${who} has reported; the service acts on it in ${duration(actsAt - now)}.`;
  const until = `without a report the action fails in ${duration(replyDueAt - now)}`;
  if (nextCallAt === undefined) return `The action waits for a report; ${until}.`;
  return `The function is called in ${duration(nextCallAt - now)}; ${until}.`;
}
