/** Causes that lie in how the function's attempts began and ended. */
import type { EntryOf } from "../story.ts";
import { type Attempt, type Chapter, EVIDENCE_COUNT_MAX, errorText, evidenceOf, isReport, oneLine } from "./chapter.ts";
import type { Cause, Finding } from "./diagnosis.ts";

type End = EntryOf<"attemptEnded">;

/** Attempts that ended otherwise than by returning, before the job had its report: one finding for each sort of end. */
export function attemptFindings({ attempts }: Chapter): readonly Finding[] {
  const failed = attempts.filter(({ end, isAfterReport }) => end && end.outcome !== "returned" && !isAfterReport);
  return [...Map.groupBy(failed, likeness).values()].map(findingOf);
}

/** Attempts that ended so after the report that counts: it changes nothing, but somebody should know. */
export function lateCrashFindings({ attempts, reported }: Chapter): readonly Finding[] {
  if (reported === undefined || reported.result === "failure") return [];
  const failed = attempts.filter(({ end, isAfterReport }) => end && end.outcome !== "returned" && isAfterReport);
  if (failed.length === 0) return [];
  const [first] = failed;
  return [
    {
      cause: "crashedAfterReporting",
      sentence: `After it had reported ${reported.result}, which counts: ${first ? sentenceOf(first) : ""}`,
      evidence: [reported, ...endsOf(failed)].slice(0, EVIDENCE_COUNT_MAX).map(evidenceOf),
      remedy:
        "Make the report the last thing that the function does. Lambda calls a function that raised again, with the same job, so what comes before the report is done more than once.",
    },
  ];
}

/** The function came to its end and never tried to report. */
export function silenceFindings({ attempts, reported, refused, strayReports }: Chapter): readonly Finding[] {
  const last = attempts.at(-1)?.end;
  if (last?.outcome !== "returned" || reported || strayReports.length > 0 || refused.some(isReport)) return [];
  return [
    {
      cause: "returnedWithoutReporting",
      sentence: `The function returned ${oneLine(last.returned ?? "null")} and reported nothing; what it returns means nothing to CodePipeline.`,
      evidence: [evidenceOf(last)],
      remedy:
        'Call PutJobSuccessResult or PutJobFailureResult on every path out of the function, with the id in event["CodePipeline.job"]["id"], and wait for the answer before you return.',
    },
  ];
}

/** Attempts that ended alike read alike; how much memory each held does not matter. */
function likeness(attempt: Attempt): string {
  const cause = causeOf(attempt);
  return cause === "killedForMemory" ? cause : sentenceOf(attempt);
}

function findingOf(alike: readonly Attempt[]): Finding {
  const [first] = alike;
  const cause = causeOf(first);
  const times = alike.length > 1 ? `, ${alike.length} times` : "";
  return {
    cause,
    sentence: `${first ? sentenceOf(first).replace(/\.$/, "") : ""}${times}.`,
    evidence: [...memoryLines(cause, first), ...endsOf(alike)].slice(0, EVIDENCE_COUNT_MAX).map(evidenceOf),
    remedy: remedyOf(cause, first?.end),
  };
}

function remedyOf(cause: Cause, end: End | undefined): string {
  const found = SPECIAL_REMEDIES.find(
    ({ of, text }) => of === cause && text.test(`${end?.error?.errorType ?? ""} ${end?.error?.errorMessage ?? ""}`),
  );
  return found?.remedy ?? REMEDIES[cause] ?? "";
}

function sentenceOf(attempt: Attempt): string {
  const { end } = attempt;
  const told = (end?.error ? errorText(end.error) : "an error").replace(/\.+$/, "");
  switch (causeOf(attempt)) {
    case "timedOut":
      return `The function timed out${end ? ` after ${seconds(end.durationMs)}` : ""}.`;
    case "killedForMemory":
      return `The function was killed because it used more than its memory${memoryOf(attempt)}.`;
    case "processEnded":
      return `The function ended its process during the call: ${withoutRequestId(told)}.`;
    case "functionRaised":
      return `The function raised ${told}.`;
    default:
      return `The function could not start: ${told}.`;
  }
}

/** What an attempt that did not return came to. */
function causeOf(attempt: Attempt | undefined): Cause {
  const end = attempt?.end;
  switch (end?.outcome) {
    case "couldNotStart":
      return START_CAUSES[end.error?.errorType ?? ""] ?? "couldNotStart";
    case "timedOut":
      return "timedOut";
    case "crashed":
      return isForMemory(attempt, end) ? "killedForMemory" : "processEnded";
    default:
      return "functionRaised";
  }
}

const START_CAUSES: Readonly<Record<string, Cause>> = {
  "Runtime.ImportModuleError": "importError",
  "Runtime.BuiltInModuleConflict": "importError",
  "Runtime.HandlerNotFound": "handlerMissing",
  "Runtime.MalformedHandlerName": "handlerMissing",
  "Runtime.UserCodeSyntaxError": "syntaxError",
  "Runtime.InvalidRuntime": "interpreterMissing",
};

const HEAP = /heap out of memory|Reached heap limit/i;
const REPORT = /^REPORT .*Memory Size: (\d+) MB\tMax Memory Used: (\d+) MB/;

/** The host kills a process that holds more than the function has; V8 gives up by itself before. */
function isForMemory(attempt: Attempt | undefined, { error }: End): boolean {
  if (attempt?.lines.some(({ line }) => HEAP.test(line))) return true;
  const memory = reportOf(attempt);
  return (
    (error?.errorMessage.includes("signal: killed") ?? false) && memory !== undefined && memory.used >= memory.size
  );
}

function reportOf(attempt: Attempt | undefined): { readonly size: number; readonly used: number } | undefined {
  for (const { line } of attempt?.lines.toReversed() ?? []) {
    const [, size, used] = REPORT.exec(line) ?? [];
    if (size && used) return { size: Number(size), used: Number(used) };
  }
  return undefined;
}

function memoryOf(attempt: Attempt): string {
  const memory = reportOf(attempt);
  return memory ? ` (${memory.size} MB; it held ${memory.used} MB at most)` : "";
}

function memoryLines(cause: Cause, attempt: Attempt | undefined): readonly EntryOf<"logLine">[] {
  if (cause !== "killedForMemory") return [];
  return attempt?.lines.filter(({ line }) => HEAP.test(line) || REPORT.test(line)) ?? [];
}

const REMEDIES: Readonly<Partial<Record<Cause, string>>> = {
  functionRaised:
    "Mend what raised, and catch errors around the whole handler: report them with PutJobFailureResult, so that the pipeline fails at once and says why.",
  timedOut:
    "Raise the function's timeout, or do less in one job: answer PutJobSuccessResult with a continuationToken and go on in the next job.",
  killedForMemory:
    "Raise the function's memory (memory in penstock.yaml, MemorySize by the API), or stream artifacts instead of holding them.",
  processEnded:
    "Look at what ends the process: exit, a signal, a crash of native code. Return from the handler instead.",
  importError:
    "Put the module into the function's code or a layer, under the name that the import uses, and for the interpreter that runs it.",
  handlerMissing: "Correct the handler: it names the file without its extension, a dot, and the exported function.",
  syntaxError: "Correct the line. The interpreter that runs it here may be older than the one that it was written for.",
  interpreterMissing: "Install the interpreter, or name another runtime; the message says which were found.",
  couldNotStart:
    "Mend what runs while the module is loaded, outside the handler; the function's log shows how far it came.",
};

/** Errors of which more can be said than of their kind. */
const SPECIAL_REMEDIES: readonly { readonly of: Cause; readonly text: RegExp; readonly remedy: string }[] = [
  {
    of: "importError",
    text: /Cannot find module '[^']+\.[cm]?js' imported from \S+\.[cm]?ts\b/,
    remedy:
      'Node runs TypeScript as it is, and wants the names that files really have: import "./other.ts", which allowImportingTsExtensions in tsconfig.json lets you write. Or run what penstock package makes.',
  },
  {
    of: "functionRaised",
    text: /^Runtime\.NodeJsExit\b/,
    remedy:
      "Settle the promise that the handler returns on every path: a callback that is never called, or a resolve that is left out, leaves it open. Then report, and return.",
  },
];

function endsOf(attempts: readonly Attempt[]): readonly End[] {
  return attempts.flatMap(({ end }) => end ?? []);
}

/** Attempts alike must read alike. */
const withoutRequestId = (text: string) => text.replace(/RequestId: \S+ Error: /, "");

const seconds = (ms: number) => `${Number((ms / 1000).toFixed(1))} s`;
