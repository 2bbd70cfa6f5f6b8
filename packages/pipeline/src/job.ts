/*
 * The life of a job, as far as rules go: it is dispatched, and takes one result. The first result counts;
 * the very same one again is answered as the first was, anything else is refused (reference §3.3).
 */

import { OUTPUT_VARIABLES_BYTES_MAX } from "./limits.ts";

const utf8 = new TextEncoder();

export type JobStatus = "Dispatched" | "Succeeded" | "Failed" | "TimedOut";

/** What a job was told. Absent members stay absent, so that two reports can be compared as text. */
export type JobReport =
  | {
      readonly type: "success";
      readonly continuationToken?: string;
      readonly outputVariables?: Readonly<Record<string, string>>;
      readonly currentRevision?: Readonly<Record<string, unknown>>;
      readonly executionDetails?: Readonly<Record<string, unknown>>;
    }
  | {
      readonly type: "failure";
      readonly failureType: string;
      readonly message: string;
      readonly externalExecutionId?: string;
    };

export type ReportDecision =
  /** The first result: the job ends with it. */
  | { readonly answer: "accept" }
  /** The same result again: answered like the first, and nothing changes. */
  | { readonly answer: "repeat" }
  | { readonly answer: "refuse"; readonly reason: ReportRefusal };

export type ReportRefusal =
  | "tokenWithVariables"
  | "outputVariablesTooLarge"
  | "sameStatusOtherResult"
  | "alreadyTerminated";

/**
 * Decides what a report does to a job.
 *
 * A token together with output variables is refused before anything else and does not consume the job.
 * A result after a timeout is refused as terminated. Source: reference §3.1, §3.3; for the timeout our choice.
 */
export function decideReport(
  job: { readonly status: JobStatus; readonly report?: JobReport },
  report: JobReport,
): ReportDecision {
  if (report.type === "success" && report.continuationToken !== undefined && report.outputVariables !== undefined) {
    return { answer: "refuse", reason: "tokenWithVariables" };
  }
  if (report.type === "success" && bytesOf(report.outputVariables ?? {}) > OUTPUT_VARIABLES_BYTES_MAX) {
    return { answer: "refuse", reason: "outputVariablesTooLarge" };
  }
  if (job.status === "Dispatched") return { answer: "accept" };
  if (job.report?.type !== report.type) return { answer: "refuse", reason: "alreadyTerminated" };
  return canonical(job.report) === canonical(report)
    ? { answer: "repeat" }
    : { answer: "refuse", reason: "sameStatusOtherResult" };
}

function bytesOf(variables: Readonly<Record<string, string>>): number {
  let bytes = 0;
  for (const [key, value] of Object.entries(variables)) bytes += utf8.encode(key).length + utf8.encode(value).length;
  return bytes;
}

/** One text for one content, whatever the order of its keys. */
function canonical(value: unknown): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(",")}}`;
}
