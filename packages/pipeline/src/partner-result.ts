/*
 * What a partner's function returns for a job, which is the job's report. Keys are read whatever their first letter's
 * case, because the guide's list and its example differ in that.
 *
 * Source: user guide, "Integration model reference", Lambda integration model; what is not of its form fails the job,
 * which is our choice: a job without a result would only hang until its time is over.
 */

import type { JobReport } from "./job.ts";
import { CONTINUATION_TOKEN_CHARS_MAX, FAILURE_MESSAGE_CHARS_MAX } from "./limits.ts";

const FAILURE_TYPES = [
  "JobFailed",
  "ConfigurationError",
  "PermissionError",
  "RevisionOutOfSync",
  "RevisionUnavailable",
  "SystemUnavailable",
];

type Members = ReadonlyMap<string, unknown>;

/** Reads what the function returned as a report. */
export function readPartnerResult(returned: string): JobReport {
  const members = membersOf(parse(returned));
  const status = membersOf(members?.get("status"));
  const result = String(members?.get("result") ?? "").toLowerCase();
  if (result === "success") return success(members, status);
  if (result === "continue") return continuation(members, status);
  if (result === "fail") return failure(members, status);
  return invalid(`its result is not Success, Continue or Fail: ${returned.slice(0, 200)}`);
}

function success(members: Members | undefined, status: Members | undefined): JobReport {
  const given = members?.get("outputVariables") ?? undefined;
  const variables = given === undefined ? undefined : Object.entries(Object(given) as Record<string, unknown>); // an object of any members
  if (variables?.some(([, value]) => typeof value !== "string"))
    return invalid("its outputVariables are not all strings");
  return {
    type: "success",
    ...(variables && { outputVariables: Object.fromEntries(variables) as Record<string, string> }), // as was just checked
    ...detailsOf(status),
  };
}

function continuation(members: Members | undefined, status: Members | undefined): JobReport {
  const state = membersOf(members?.get("continuation"))?.get("state") ?? members?.get("continuation");
  if (state === undefined || state === null) return invalid("it says Continue and has no continuation");
  const continuationToken = typeof state === "string" ? state : JSON.stringify(state);
  if (continuationToken.length > CONTINUATION_TOKEN_CHARS_MAX) {
    return invalid(`its continuation has more than ${CONTINUATION_TOKEN_CHARS_MAX} characters`);
  }
  return { type: "success", continuationToken, ...detailsOf(status) };
}

function failure(members: Members | undefined, status: Members | undefined): JobReport {
  const given = String(members?.get("failureType") ?? "").replace("PermissionsError", "PermissionError"); // both are in use
  const externalExecutionId = textOf(status, "externalExecutionId");
  return {
    type: "failure",
    failureType: FAILURE_TYPES.includes(given) ? given : "JobFailed",
    message: (textOf(status, "summary") ?? "The function of the action type gave no reason.").slice(
      0,
      FAILURE_MESSAGE_CHARS_MAX,
    ),
    ...(externalExecutionId !== undefined && { externalExecutionId }),
  };
}

const invalid = (why: string): JobReport => ({
  type: "failure",
  failureType: "JobFailed",
  message: `The function of the action type returned no valid result: ${why}.`,
});

function detailsOf(status: Members | undefined) {
  const details = { summary: textOf(status, "summary"), externalExecutionId: textOf(status, "externalExecutionId") };
  const known = Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
  return Object.keys(known).length === 0 ? {} : { executionDetails: known };
}

function textOf(members: Members | undefined, name: string): string | undefined {
  const value = members?.get(name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The members of an object, their first letters in lower case; undefined for anything else. */
function membersOf(value: unknown): Members | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value).map(([key, member]) => [key.charAt(0).toLowerCase() + key.slice(1), member]));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // told as a result of no known kind
  }
}
