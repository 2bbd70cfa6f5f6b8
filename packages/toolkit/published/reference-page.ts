/* Renders the public API as pages for people, from its doc comments alone. */

import { type Documented, isCallable } from "./documented.ts";
import type { Entry } from "./public-api.ts";

/** Chapters in the order of reading, each with its symbols. */
const CHAPTERS: readonly (readonly [title: string, symbols: readonly string[]])[] = [
  ["A function", ["defineJob", "JobDefinition", "JobHandler", "LambdaContext"]],
  ["A job", ["Job", "Success", "JobRevision", "Outcome"]],
  ["Artifacts", ["InputArtifact", "OutputArtifact", "ByteStream", "ArtifactLimits", "InvalidZip", "InvalidZipReason"]],
  [
    "Failures",
    [
      "JobFailure",
      "JobFailed",
      "ConfigurationError",
      "PermissionError",
      "RevisionOutOfSync",
      "RevisionUnavailable",
      "SystemUnavailable",
      "FailureType",
      "failureTypeOf",
    ],
  ],
  ["Reports", ["JobReport", "ReportNotSent"]],
  [
    "The event",
    [
      "readJobEvent",
      "jobEventSchema",
      "withoutCredentials",
      "InvalidJobEvent",
      "CodePipelineJobEvent",
      "CodePipelineJob",
      "CodePipelineJobData",
      "JobArtifact",
      "ArtifactCredentials",
    ],
  ],
  ["Schemas", ["StandardSchema", "SchemaResult", "SchemaIssue"]],
  ["A run in memory", ["runJob", "RunJobOptions", "JobRun", "FailingCall"]],
  [
    "A whole Penstock",
    ["startPenstock", "StartPenstockOptions", "Penstock", "PenstockClientConfiguration", "PenstockClock"],
  ],
  [
    "An execution in it",
    [
      "Execution",
      "WaitOptions",
      "SettledExecution",
      "ActionResult",
      "CreatedJob",
      "ActionDiagnosis",
      "ArtifactLocation",
      "ExecutionStatus",
      "ActionStatus",
    ],
  ],
  ["Events for tests", ["jobEvent", "JobEventOptions"]],
];

const INTRODUCTIONS: Readonly<Record<Entry["name"], string>> = {
  toolkit:
    "The library for Lambda functions that CodePipeline calls. In the examples `job` is what `run` gets, `event` the event of a call, `error` something that was caught, and `z` is zod.",
  testing:
    "Runs functions of the toolkit without AWS, in any test runner. In the examples `handler` is a function that counts the rows of `<table>.csv` in the input `Source`, writes `summary.txt` into the output `Report` and gives the count as `Rows`; `continuing` one that continues once; `expect` is vitest's. `project` is the folder of a pipeline `count-words`, which counts two words in an action `Count` of the stage `Build`, with one continuation; `penstock` runs it, `execution` is one of it that has ended as `settled` says.",
};

/** The page of an entry. Errors: `Error` for a symbol that belongs to no chapter. */
export function referencePage({ name, specifier }: Entry, symbols: readonly Documented[]): string {
  const chapters = CHAPTERS.map(([title, names]) => {
    const members = names.flatMap((each) => symbols.find((symbol) => symbol.name === each) ?? []);
    return { title, members };
  }).filter(({ members }) => members.length > 0);
  const placed = chapters.flatMap(({ members }) => members);
  const lost = symbols.filter((symbol) => !placed.includes(symbol));
  if (lost.length > 0) throw new Error(`These belong to no chapter of the reference: ${lost.map((one) => one.name)}`);
  const contents = chapters.map(({ title, members }) => `- ${title}: ${members.map(linkTo).join(", ")}`);
  const body = chapters.flatMap(({ title, members }) => [`## ${title}`, ...members.map(section)]);
  return `${[
    `# ${specifier}`,
    "<!-- Written from the doc comments by packages/toolkit/published/write-published.ts. -->",
    INTRODUCTIONS[name],
    contents.join("\n"),
    ...body,
  ].join("\n\n")}\n`;
}

const linkTo = ({ name }: Documented) => `[${name}](#${name.toLowerCase()})`;

function section(symbol: Documented): string {
  const methods = symbol.members.filter(isCallable);
  const properties = symbol.members.filter(({ kind }) => kind === "PropertySignature" || kind === "Property");
  const declared = symbol.members.length > 0 && !isCallable(symbol) ? "" : code(symbol.signature);
  return [
    `### ${symbol.name}`,
    declared,
    prose(symbol.text),
    ...symbol.examples.map(code),
    properties.map(property).join("\n"),
    ...methods.map(method),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

const code = (text: string) => `\`\`\`ts\n${text}\n\`\`\``;

/** Errors and units stand out. */
const prose = (text: string) => text.replace(/^(Errors|Source)\b/gm, "**$1**").replace(/\bUnit: /g, "**Unit:** ");

function property({ signature, text }: Documented): string {
  const [name = "", ...type] = signature.replace(/^(readonly|abstract readonly) /, "").split(": ");
  const shown = type.join(": ").replaceAll(/\s+/g, " ");
  const declared = shown === "" ? `\`${name}\`` : `\`${name}: ${shown}\``;
  return `- ${declared}\n\n${prose(text).replace(/^(?=.)/gm, "  ")}\n`;
}

const method = ({ signature, text, examples }: Documented) =>
  [`#### ${signature.replace(/\??(<.*>)?\(.*$/s, "")}`, code(signature), prose(text), ...examples.map(code)].join(
    "\n\n",
  );
