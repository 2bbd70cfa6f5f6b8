/** The part of the story that one job is told in, sorted by what a diagnosis looks for. */
import type { EntryOf, StoryEntry } from "../story.ts";
import type { Evidence } from "./diagnosis.ts";
import type { ActionFacts, JobFacts } from "./facts.ts";

export interface Chapter {
  readonly job: JobFacts;
  readonly attempts: readonly Attempt[];
  /** Calls of the function that a service refused. */
  readonly refused: readonly RefusedCall[];
  /** Reports of the function for other jobs, refused or not. */
  readonly strayReports: readonly EntryOf<"apiCall">[];
  /** The report that counted. */
  readonly reported?: EntryOf<"reported">;
  readonly notes: readonly EntryOf<"note">[];
}

export interface Attempt {
  readonly number: number;
  readonly lines: readonly EntryOf<"logLine">[];
  readonly end?: EntryOf<"attemptEnded">;
  /** Whether it ended after the job had its report. */
  readonly isAfterReport: boolean;
}

export type RefusedCall = EntryOf<"apiCall"> & { readonly error: { readonly code: string; readonly message: string } };

/** Reads the chapter of one job. Entries of other jobs are passed over. */
export function chapterOf(job: JobFacts, { entries }: ActionFacts): Chapter {
  const own = entries.filter(({ jobId }) => jobId === job.id);
  const calls = own.filter((entry) => entry.type === "apiCall");
  const reported = own.find((entry) => entry.type === "reported");
  return {
    job,
    attempts: attemptsOf(own),
    refused: calls.filter((call): call is RefusedCall => call.error !== undefined),
    strayReports: calls.filter(({ otherJobId }) => otherJobId !== undefined),
    notes: own.filter((entry) => entry.type === "note"),
    ...(reported && { reported }),
  };
}

function attemptsOf(entries: readonly StoryEntry[]): readonly Attempt[] {
  const found: {
    number: number;
    lines: EntryOf<"logLine">[];
    end?: EntryOf<"attemptEnded">;
    isAfterReport: boolean;
  }[] = [];
  let isReported = false;
  for (const entry of entries) {
    const latest = found.at(-1);
    if (entry.type === "reported") isReported = true;
    if (entry.type === "invoked") found.push({ number: entry.attempt, lines: [], isAfterReport: false });
    if (entry.type === "logLine") latest?.lines.push(entry);
    if (entry.type === "attemptEnded" && latest) Object.assign(latest, { end: entry, isAfterReport: isReported });
  }
  return found;
}

/** A report of a result, whichever. */
export function isReport({ operation }: Pick<EntryOf<"apiCall">, "operation">): boolean {
  return operation === "PutJobSuccessResult" || operation === "PutJobFailureResult";
}

/** How much of one entry is shown as evidence. */
const EVIDENCE_CHARS_MAX = 600;

/** How many entries are shown for one finding. */
export const EVIDENCE_COUNT_MAX = 5;

/** An entry as evidence, in one line. */
export function evidenceOf(entry: StoryEntry): Evidence {
  return { at: entry.at, text: oneLine(textOf(entry)).slice(0, EVIDENCE_CHARS_MAX) };
}

function textOf(entry: StoryEntry): string {
  switch (entry.type) {
    case "apiCall":
      return callText(entry);
    case "logLine":
      return entry.line;
    case "note":
      return entry.message;
    case "attemptEnded":
      return `attempt ${entry.attempt} ${entry.outcome} after ${Math.round(entry.durationMs)} ms${entry.error ? `: ${errorText(entry.error)}` : ""}`;
    case "reported":
      return `reported ${entry.result}${entry.message ? `: ${entry.message}` : ""}`;
    default:
      return entry.type;
  }
}

/** As policies name it. What a call asked for is not known when S3 refuses its signature. */
export function callName({ service, operation }: Pick<EntryOf<"apiCall">, "service" | "operation">): string {
  return operation === "unknown" ? service : `${service}:${operation}`;
}

function callText({ otherJobId, error, ...call }: EntryOf<"apiCall">): string {
  const named = otherJobId === undefined ? "" : ` for job ${otherJobId}`;
  const answer = error ? `was refused: ${error.code}: ${error.message}` : "was accepted";
  return `${callName(call)}${named} ${answer}`;
}

/** `TypeError: unsupported operand … (lambda_function.py:17)`. */
export function errorText({ errorType, errorMessage, place }: NonNullable<EntryOf<"attemptEnded">["error"]>): string {
  const message = oneLine(errorMessage);
  const text = errorType ? `${errorType}: ${message}` : message;
  return place ? `${text} (${place})` : text;
}

/** Text as one line. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** Text as one line that begins with a capital letter and ends with a full stop. */
export function sentence(text: string): string {
  const line = oneLine(text);
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}${/[.!?]$/.test(line) ? "" : "."}`;
}
