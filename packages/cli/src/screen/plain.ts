/** One entry of the story as plain lines: for pipes, logs, and `penstock invoke`. */
import type { StoryEntry } from "../server-port.ts";
import { duration, sinceStart } from "./format.ts";
import { outcomeText } from "./function-error.ts";
import { type Line, type Style, span } from "./line.ts";
import { shownLogLine } from "./log-line.ts";
import { oneLine } from "./text-width.ts";

/** Letters of a continuation token that are shown. */
const TOKEN_LETTERS_MAX = 60;

export interface PlainOptions {
  /** Epoch milliseconds that times are counted from. */
  readonly startedAt: number;
  /** Leaves out which stage and action an entry is of, where there is only one. */
  readonly withoutPlace?: boolean;
}

/** The lines of an entry; none for what says nothing new to people. */
export function plainLines(entry: StoryEntry, { startedAt, withoutPlace }: PlainOptions): readonly Line[] {
  const told = tell(entry);
  if (!told) return [];
  const [text, style] = told;
  const place = [entry.stage, entry.action].filter((name) => name !== undefined).join("/");
  return [
    [
      span(`${sinceStart(entry.at - startedAt)}  `, "quiet"),
      ...(withoutPlace || !place ? [] : [span(`${place}  `, "strong")]),
      span(text, style),
    ],
  ];
}

type Told = readonly [text: string, style?: Style | undefined];

function tell(entry: StoryEntry): Told | undefined {
  switch (entry.type) {
    case "executionStarted":
      return [`execution ${entry.executionId} of pipeline ${entry.pipeline} started`];
    case "executionFinished":
      return [`execution ${entry.status}`, styleOf(entry.status)];
    case "stageStarted":
      return ["stage started"];
    case "stageRetried":
      return ["stage retried", "warn"];
    case "stageFinished":
      return [`stage ${entry.status}`, styleOf(entry.status)];
    case "actionStarted":
      return [`started ${entry.provider} ${entry.configuration["FunctionName"] ?? ""}`.trimEnd()];
    case "actionFinished":
      return [
        entry.error ? `${entry.status}: ${entry.error.code}: ${oneLine(entry.error.message)}` : entry.status,
        styleOf(entry.status),
      ];
    case "approvalNeeded":
      return [`waits for an approval${entry.message ? `: ${oneLine(entry.message)}` : ""}`, "busy"];
    case "jobCreated":
      return [jobText(entry.number, entry.jobId ?? "", entry.continuationToken)];
    case "acknowledged":
      return [`taken by the worker ${entry.worker}`];
    case "invoked":
      return [
        `invoked ${entry.functionName}${entry.attempt > 1 ? `, again after an error (attempt ${entry.attempt})` : ""}`,
      ];
    case "logLine":
      return logText(entry.line);
    case "note":
      return [oneLine(entry.message), "warn"];
    case "attemptEnded":
      return [
        `${outcomeText({ error: undefined, returned: undefined, ...entry })} after ${duration(entry.durationMs)}`,
        entry.outcome === "returned" ? undefined : "bad",
      ];
    case "apiCall":
      return callText(entry);
    case "reported":
      return [
        `reported ${entry.result}${entry.message ? `: ${oneLine(entry.message)}` : ""}`,
        entry.result === "failure" ? "bad" : "busy",
      ];
  }
}

function logText(line: string): Told | undefined {
  const shown = shownLogLine(line);
  return shown === undefined ? undefined : [`| ${shown}`, "quiet"];
}

function jobText(number: number, jobId: string, token: string | undefined): string {
  if (number === 1) return `job ${jobId} created`;
  const shown = token === undefined ? "" : ` with token ${oneLine(token).slice(0, TOKEN_LETTERS_MAX)}`;
  return `job ${jobId} created: continues${shown} (job ${number})`;
}

/** A report that was taken is told as such, and needs no second line. */
function callText({ service, operation, error }: Extract<StoryEntry, { readonly type: "apiCall" }>): Told | undefined {
  if (!error && /^Put(ThirdParty)?Job(Success|Failure)Result$/.test(operation)) return undefined;
  if (!error) return [`called ${service}:${operation}`, "quiet"];
  return [`called ${service}:${operation}, refused: ${error.code}: ${oneLine(error.message)}`, "bad"];
}

function styleOf(status: string): Style {
  return status === "Succeeded" ? "good" : status === "Failed" ? "bad" : "warn";
}
