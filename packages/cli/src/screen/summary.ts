/** What is told when an execution is over: results, artifacts, variables, and why it failed. */
import type { ArtifactPlace, Diagnosis } from "../server-port.ts";
import { diagnosisOf, findingLines } from "./diagnosis-lines.ts";
import { byteSize, duration } from "./format.ts";
import { outcomeText } from "./function-error.ts";
import { type Line, span } from "./line.ts";
import { oneLine, padToWidth, textWidth } from "./text-width.ts";
import { failedAttempts, styleOf } from "./tree.ts";
import type { ActionView, RunView } from "./view.ts";

/** Size of an artifact in bytes; undefined where nothing was written. */
export type SizeOf = (artifact: ArtifactPlace) => number | undefined;

export interface SummaryOptions {
  readonly sizeOf: SizeOf;
  /** Leaves out which stage and action something is of, where there is only one. */
  readonly only?: { readonly stage: string };
  /** Why its actions stand where they stand. */
  readonly diagnoses?: readonly Diagnosis[];
  /** What to add about where the artifacts are, such as that they go with the throw-away folder. */
  readonly artifactsNote?: string;
}

/** Columns of the widest first cell that keeps the rest aligned. */
const FIRST_CELL_COLUMNS_MAX = 40;
const SIZE_COLUMNS = 9;

/** Blocks with an empty line before each; the last line is the bare status. */
export function summaryLines(view: RunView, options: SummaryOptions): readonly Line[] {
  const everywhere = view.stages.flatMap((stage) => stage.actions.map((action) => placed(stage.name, action, options)));
  const actions = everywhere.filter(({ isAside }) => !isAside);
  const took =
    view.startedAt === undefined ? "" : ` took ${duration((view.finishedAt ?? view.startedAt) - view.startedAt)}`;
  return [
    ...block("Functions", actions.flatMap(functionRows)),
    ...block(
      "Artifacts",
      actions.flatMap(({ action }) => artifactRows(action, options.sizeOf)),
      options.artifactsNote,
    ),
    ...block("Output variables", actions.flatMap(variableRows)),
    ...failures(everywhere, options.diagnoses ?? []),
    [],
    [span(`${view.pipeline}, execution ${view.executionId ?? "none"}${took}`, "quiet")],
    ...(view.status === "Cancelled" ? [[span(CANCELLED)]] : []),
    [span(view.status, styleOf(view.status))],
  ];
}

const CANCELLED =
  "The pipeline was updated while it ran: what ran of it went on to its end, and nothing more was started.";

interface Placed {
  readonly action: ActionView;
  readonly place: string;
  /** Of a stage that is of no interest, unless something went wrong there. */
  readonly isAside: boolean;
}

function placed(stage: string, action: ActionView, { only }: SummaryOptions): Placed {
  const isOnly = only?.stage === stage;
  return { action, place: isOnly ? action.name : `${stage}/${action.name}`, isAside: only !== undefined && !isOnly };
}

type Row = readonly [left: string, right: string];

function block(title: string, rows: readonly Row[], note?: string): readonly Line[] {
  if (rows.length === 0) return [];
  const columns = Math.min(FIRST_CELL_COLUMNS_MAX, Math.max(...rows.map(([left]) => textWidth(left))));
  const lines = rows.map(([left, right]) => [span(`  ${padToWidth(left, columns)}  `), span(right)]);
  return [[], [span(title, "strong")], ...lines, ...(note ? [[span(`  ${note}`, "quiet")]] : [])];
}

function functionRows({ action, place }: Placed): readonly Row[] {
  const returned = action.attempts.findLast(({ outcome }) => outcome === "returned");
  const texts = [...(returned ? [outcomeText(returned)] : []), ...failedAttempts(action)];
  return texts.map((text) => [place, `${text}${harmless(action, text, returned ? outcomeText(returned) : "")}`]);
}

/** A function may report and break afterwards; people must not take that for the action's result. */
function harmless(action: ActionView, text: string, returned: string): string {
  if (text === returned || action.status !== "Succeeded" || action.reported?.result !== "success") return "";
  return "; it had reported success, which counts";
}

function artifactRows(action: ActionView, sizeOf: SizeOf): readonly Row[] {
  return action.artifacts.map((artifact) => {
    const sizeBytes = sizeOf(artifact);
    const size = sizeBytes === undefined ? "unwritten" : byteSize(sizeBytes);
    return [artifact.name, `${size.padStart(SIZE_COLUMNS)}  s3://${artifact.bucket}/${artifact.key}`];
  });
}

function variableRows({ action, place }: Placed): readonly Row[] {
  return Object.entries(action.variables).map(([name, value]) => [place, `${name} = ${oneLine(value)}`]);
}

function failures(actions: readonly Placed[], diagnoses: readonly Diagnosis[]): readonly Line[] {
  const told = actions.flatMap(({ action, place }) => failureLines(action, place, diagnosisOf(action, diagnoses)));
  const title = actions.some(({ action }) => action.status === "Failed") ? "What went wrong" : "Worth knowing";
  return told.length === 0 ? [] : [[], [span(title, "strong")], ...told];
}

function failureLines(action: ActionView, place: string, diagnosis: Diagnosis | undefined): readonly Line[] {
  const failed = action.status === "Failed";
  const why = diagnosis ? findingLines(diagnosis, "    ") : [];
  if (!failed && why.length === 0) return [];
  const { code, message } = action.error ?? { code: action.status, message: "" };
  const head: Line = failed
    ? [span(`  ${place} failed: `), span(`${code}${message ? `: ${oneLine(message)}` : ""}`, "bad")]
    : [span(`  ${place} ${action.status === "Succeeded" ? "succeeded, but" : `is ${action.status}`}`)];
  return [head, ...why.filter((line) => !repeats(line, message))];
}

/** What the service's own words say already. */
function repeats(line: Line, message: string): boolean {
  const plain = (text: string) => oneLine(text).trim().toLowerCase().replace(/\.$/, "");
  return plain(line.map(({ text }) => text).join("")) === plain(message) && message !== "";
}
