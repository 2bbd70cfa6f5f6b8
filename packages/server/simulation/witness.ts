import { isDeepStrictEqual } from "node:util";
import type { JobReport, Rejection } from "@penstock/pipeline";
import type { ReportProblem } from "../src/engine/jobs.ts";
import type { StoryEntry } from "../src/story.ts";
import { hasEnded, reportOf } from "./invariants.ts";
import type { Observer } from "./observer.ts";

/*
 * Remembers over all crashes what was said and what was answered, and holds the server to it.
 *
 * S1  A start that was answered is on record, and ends.
 * S2  A report or stop that was answered as taken is durable at that moment; an abandoned execution has ended by then.
 * S3  The first report that was taken is its job's for ever; the same again is fine, any other is refused.
 * S4  A job that had its report when the server came up is not called in that life.
 * S9  One token starts one execution.
 * S13 What the story tells is durable when it is told, and told once.
 * S14 Work is begun when its promise is durable, not before.
 */

export interface Witness {
  /** What was found wrong, in order. */
  readonly violations: string[];
  /** Everything that was ever said of a job, whether it was answered or not. */
  readonly said: readonly Said[];
  readonly starts: readonly string[];
  readonly calledJobs: ReadonlySet<string>;
  /** A server comes up. */
  comesUp(): void;
  called(jobId: string, attempt: number): void;
  tells(entry: StoryEntry): void;
  /** About to be sent: from here on it may be on record. */
  says(said: Said): void;
  answered(said: Said, problem: ReportProblem | undefined): void;
  startAnswered(executionId: string, token: string | undefined, answer: string | undefined): void;
  stopAnswered(executionId: string, abandon: boolean, rejection: Rejection | undefined): void;
  /** Once nothing runs any more. */
  ends(): void;
}

export interface Said {
  readonly jobId: string;
  readonly report: JobReport;
}

/** How often Lambda calls a function for one asynchronous invocation. Source: reference §5.2. */
const ATTEMPTS_COUNT_MAX = 3;

/** `keepsAttempts` says that attempts are counted on record, so that a crash repeats only the one in hand. */
export function createWitness(observer: Observer, keepsAttempts: boolean): Witness {
  const violations: string[] = [];
  const said: Said[] = [];
  const starts: string[] = [];
  const calledJobs = new Set<string>();
  const accepted = new Map<string, JobReport>();
  const executionOfToken = new Map<string, string>();
  const told = new Set<string>();
  let settledBefore = new Set<string>();
  let acceptedBefore = new Set<string>();
  let callsInLife = new Map<string, number>();
  let lives = 0;

  function acceptedAs({ jobId, report }: Said): void {
    const onRecord = reportOf(observer.job(jobId));
    if (!isDeepStrictEqual(onRecord, report))
      violations.push(`S2 ${jobId} was answered, but has on record ${JSON.stringify(onRecord)}`);
    const first = accepted.get(jobId);
    if (first && !isDeepStrictEqual(first, report)) violations.push(`S3 ${jobId} took a second, other report`);
    accepted.set(jobId, first ?? report);
  }

  return {
    violations,
    said,
    starts,
    calledJobs,
    comesUp() {
      settledBefore = new Set(
        observer
          .look()
          .jobs.filter((job) => job.status !== "Dispatched")
          .map(({ id }) => id),
      );
      acceptedBefore = new Set(accepted.keys());
      callsInLife = new Map();
      lives += 1;
    },
    called(jobId, attempt) {
      calledJobs.add(jobId);
      if (!observer.job(jobId)) violations.push(`S14 ${jobId} is called and not on record`);
      if (settledBefore.has(jobId) || acceptedBefore.has(jobId))
        violations.push(`S4 ${jobId} had reported and is called again`);
      const calls = (callsInLife.get(jobId) ?? 0) + 1;
      callsInLife.set(jobId, calls);
      const allowed = keepsAttempts ? ATTEMPTS_COUNT_MAX + lives - 1 : ATTEMPTS_COUNT_MAX * lives;
      if (calls > ATTEMPTS_COUNT_MAX || attempt > allowed) {
        violations.push(`S4 ${jobId} is called ${attempt} times in ${lives} lives, ${calls} times in this one`);
      }
    },
    tells(entry) {
      const fact = factOf(entry, observer);
      if (!fact) return;
      if (!fact.isOnRecord) violations.push(`S13 ${fact.name} was told and is not on record`);
      if (told.has(fact.name)) violations.push(`S13 ${fact.name} was told twice`);
      told.add(fact.name);
    },
    says: (words) => void said.push(words),
    answered(words, problem) {
      if (!problem) acceptedAs(words);
      else if (!mayRefuse(problem, words, reportOf(observer.job(words.jobId)), observer.job(words.jobId)?.status)) {
        violations.push(`S3 ${words.jobId} refused ${JSON.stringify(words.report)} as ${problem.reason}`);
      }
    },
    startAnswered(executionId, token, answer) {
      if (answer === undefined || !observer.execution(answer))
        violations.push(`S1 the start of ${executionId} is not on record`);
      const known = token === undefined ? executionId : (executionOfToken.get(token) ?? answer);
      if (answer !== known) violations.push(`S9 ${token} started ${known} and then ${answer}`);
      if (answer === undefined) return;
      if (token !== undefined) executionOfToken.set(token, answer);
      starts.push(answer);
    },
    stopAnswered(executionId, abandon, rejection) {
      const row = observer.execution(executionId);
      const isStopping = row !== undefined && (hasEnded(row) || (!abandon && row.status === "Stopping"));
      if (!rejection && !isStopping) violations.push(`S2 ${executionId} is not stopping`);
      if (rejection?.reason === "executionNotFound" && !(row && hasEnded(row)))
        violations.push(`S2 ${executionId} was not found`);
    },
    ends() {
      for (const id of starts) {
        const row = observer.execution(id);
        if (!row || !hasEnded(row)) violations.push(`S1 ${id} was started and is ${row?.status}`);
      }
      for (const [jobId, report] of accepted) {
        if (!isDeepStrictEqual(reportOf(observer.job(jobId)), report))
          violations.push(`S3 ${jobId} lost the report that was answered`);
      }
    },
  };
}

/** What an entry says of the rows, if it says anything of them. */
function factOf(entry: StoryEntry, observer: Observer): { name: string; isOnRecord: boolean } | undefined {
  const { type, executionId, actionExecutionId = "", jobId = "" } = entry;
  switch (type) {
    case "executionFinished":
      return { name: `${type} ${executionId}`, isOnRecord: observer.execution(executionId)?.status === entry.status };
    case "actionFinished":
      return {
        name: `${type} ${actionExecutionId}`,
        isOnRecord: observer.action(actionExecutionId)?.status === entry.status,
      };
    case "jobCreated":
      return { name: `${type} ${jobId}`, isOnRecord: observer.job(jobId)?.number === entry.number };
    case "reported":
      return { name: `${type} ${jobId}`, isOnRecord: reportOf(observer.job(jobId)) !== undefined };
    default:
      return undefined;
  }
}

/** Whether a refusal is right for a job as it is now: a job that took a report, or ended without one, stays so. */
function mayRefuse(
  { reason }: ReportProblem,
  { report }: Said,
  taken: JobReport | undefined,
  status: string | undefined,
): boolean {
  const isSame = isDeepStrictEqual(taken, report);
  switch (reason) {
    case "tokenWithVariables":
      return (
        report.type === "success" && report.continuationToken !== undefined && report.outputVariables !== undefined
      );
    case "sameStatusOtherResult":
      return taken?.type === report.type && !isSame;
    case "alreadyTerminated":
      return status !== "Dispatched" && taken?.type !== report.type;
    default:
      return false;
  }
}
