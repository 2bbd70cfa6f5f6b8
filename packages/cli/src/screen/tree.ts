/** The tree of stages and actions as lines. Pure: the same view and moment give the same lines. */
import { duration } from "./format.ts";
import { outcomeText } from "./function-error.ts";
import { type Line, type Span, type Style, span } from "./line.ts";
import { shownLogLine } from "./log-line.ts";
import { oneLine, padToWidth, textWidth } from "./text-width.ts";
import type { ActionView, AttemptView, RunView, StageView, Status } from "./view.ts";

/** Columns of the widest name that keeps the rest aligned. */
const NAME_COLUMNS_MAX = 32;
const DURATION_COLUMNS = 8;
/** Log lines under an action, from plenty of room to none. */
const LOG_LINES_STEPS = [6, 3, 1, 0] as const;
/** Log lines under an action in the last picture, which stays. */
export const LOG_LINES_FINAL = 10;
const NOTES_SHOWN_MAX = 3;
const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const SPINNER_STEP_MS = 80;

export interface TreeOptions {
  /** Epoch milliseconds: what still runs has lasted until now. */
  readonly now: number;
  readonly logLines: number;
  /** Shows of finished stages only their own row. */
  readonly collapsed?: boolean;
}

/** The whole tree, however long. */
export function treeLines(view: RunView, options: TreeOptions): readonly Line[] {
  const columns = nameColumns(view);
  return [
    headLine(view, options.now),
    ...view.stages.flatMap((stage) => stageLines(stage, columns, options)),
    ...view.notes.slice(-NOTES_SHOWN_MAX).map((note) => [span("! ", "warn"), span(oneLine(note))]),
  ];
}

/** The tree in at most `height` lines: fewer log lines first, then finished stages in one line, then no top. */
export function treeToFit(
  view: RunView,
  { now, height }: { readonly now: number; readonly height: number },
): readonly Line[] {
  for (const collapsed of [false, true]) {
    for (const logLines of LOG_LINES_STEPS) {
      const lines = treeLines(view, { now, logLines, collapsed });
      if (lines.length <= height) return lines;
    }
  }
  const lines = treeLines(view, { now, logLines: 0, collapsed: true });
  const hidden = lines.length - height + 1;
  return [[span(`… ${hidden} lines above`, "quiet")], ...lines.slice(hidden)].slice(0, Math.max(0, height));
}

function headLine(view: RunView, now: number): Line {
  const id = view.executionId ? `  ${view.executionId}` : "";
  return [
    span(view.pipeline, "strong"),
    span(id, "quiet"),
    span(`  ${view.status} `, styleOf(view.status)),
    span(elapsed(view, now), "quiet"),
  ];
}

function stageLines(stage: StageView, columns: number, options: TreeOptions): readonly Line[] {
  const row: Line = [
    icon(stage.status, options.now),
    span(` ${padToWidth(stage.name, columns)} `, "strong"),
    span(elapsed(stage, options.now), "quiet"),
  ];
  const isOver = stage.finishedAt !== undefined && stage.status === "Succeeded";
  if (options.collapsed && (isOver || stage.status === "NotStarted")) return [row];
  return [row, ...stage.actions.flatMap((action) => actionLines(action, columns, options))];
}

function actionLines(action: ActionView, columns: number, options: TreeOptions): readonly Line[] {
  return [
    actionRow(action, columns, options.now),
    ...action.notes.slice(-NOTES_SHOWN_MAX).map((note) => below(span(oneLine(note), "warn"))),
    ...logLines(action, options.logLines),
    ...failedAttempts(action).map((text) => below(span(text, action.status === "Succeeded" ? "warn" : "bad"))),
    ...deniedCalls(action).map((denied) => below(span(`was denied ${denied}`, "bad"))),
    ...(action.error ? [below(span(`${action.error.code}: ${oneLine(action.error.message)}`, "bad"))] : []),
  ];
}

function actionRow(action: ActionView, columns: number, now: number): Line {
  const details = [`${action.provider} ${action.subject}`.trimEnd(), ...progress(action)];
  return [
    span("  "),
    icon(action.status, now),
    span(` ${padToWidth(oneLine(action.name), columns - 2)} `),
    span(padToWidth(elapsed(action, now), DURATION_COLUMNS), "quiet"),
    span(details[0] ?? "", "quiet"),
    span(
      details
        .slice(1)
        .map((text) => `  ${text}`)
        .join(""),
      "busy",
    ),
  ];
}

function progress(action: ActionView): readonly string[] {
  const attempt = action.attempts.at(-1)?.attempt ?? 1;
  return [
    ...(action.continuations > 0 ? [`continued ${action.continuations}×`] : []),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
  ];
}

function logLines(action: ActionView, max: number): readonly Line[] {
  const own = action.log.flatMap((line) => shownLogLine(line) ?? []);
  const shown = max === 0 ? [] : own.slice(-max);
  const before = own.length - shown.length + action.logLinesDropped;
  const more: readonly Line[] =
    before > 0 && max > 0 ? [below(span(`│ … ${before} ${before === 1 ? "line" : "lines"} before`, "quiet"))] : [];
  return [...more, ...shown.map((line) => below(span("│ ", "quiet"), span(line)))];
}

/** Attempts that did not return, each text once with how often. */
export function failedAttempts({ attempts }: Pick<ActionView, "attempts">): readonly string[] {
  const counts = new Map<string, number>();
  for (const attempt of attempts.filter(isFailed)) {
    const text = outcomeText(attempt);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => (count > 1 ? `${text}, ${count} times` : text));
}

/** Calls that were not allowed, each once: a retried function is refused every time. */
function deniedCalls({ refused }: ActionView): readonly string[] {
  const denied = refused.filter(({ code }) => code.startsWith("AccessDenied"));
  return [...new Set(denied.map(({ service, operation }) => `${service}:${operation}`))];
}

function isFailed({ outcome }: AttemptView): boolean {
  return outcome !== "running" && outcome !== "returned";
}

function below(...spans: readonly Span[]): Line {
  return [span("      "), ...spans];
}

function nameColumns(view: RunView): number {
  const widths = view.stages.flatMap(({ name, actions }) => [
    textWidth(name),
    ...actions.map((action) => textWidth(action.name) + 2),
  ]);
  return Math.min(NAME_COLUMNS_MAX, Math.max(0, ...widths));
}

function elapsed(
  { startedAt, finishedAt }: { readonly startedAt: number | undefined; readonly finishedAt: number | undefined },
  now: number,
): string {
  return startedAt === undefined ? "" : duration((finishedAt ?? now) - startedAt);
}

function icon(status: Status, now: number): Span {
  const frame = Math.floor(now / SPINNER_STEP_MS) % SPINNER.length;
  return span(status === "InProgress" ? SPINNER.charAt(frame) : ICONS[status], styleOf(status));
}

const ICONS: Readonly<Record<Exclude<Status, "InProgress">, string>> = {
  NotStarted: "·",
  Succeeded: "✓",
  Failed: "✗",
  Stopped: "■",
  Superseded: "»",
  Cancelled: "■",
  Abandoned: "■",
};

/** The colour of a status, here and in the summary. */
export function styleOf(status: Status): Style {
  if (status === "Succeeded") return "good";
  if (status === "Failed") return "bad";
  if (status === "InProgress") return "busy";
  return status === "NotStarted" ? "quiet" : "warn";
}
