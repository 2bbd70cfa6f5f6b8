/** The ways in which an execution is shown. Thin: what is shown is made by `tree.ts`, `plain.ts` and `summary.ts`. */
import type { StoryEntry } from "../server-port.ts";
import { fitLine, type Line, type Paint, paintLine, span } from "./line.ts";
import { LiveRegion, type Terminal } from "./live-region.ts";
import { type PlainOptions, plainLines } from "./plain.ts";
import { reportDocument } from "./report.ts";
import { type SummaryOptions, summaryLines } from "./summary.ts";
import { oneLine } from "./text-width.ts";
import { LOG_LINES_FINAL, treeLines, treeToFit } from "./tree.ts";
import type { RunView } from "./view.ts";

export interface Screen {
  /** Shows one more entry, which `view` already has. */
  show(entry: StoryEntry, view: RunView): void;
  /** Shows a remark of the command or of the server, which `view` already has. */
  note(message: string, view: RunView): void;
  /** Shows how it ended. */
  finish(view: RunView, summary: SummaryOptions): void;
  /** Gives the terminal back, also after a failure. */
  close(): void;
}

/** At most one repaint in this time. */
const REPAINT_MS_MIN = 80;

/** A tree that changes in place. */
export function liveScreen(terminal: Terminal, paint: Paint): Screen {
  const region = new LiveRegion(terminal, paint);
  let latest: RunView | undefined;
  const repaint = () => latest && region.draw(treeToFit(latest, { now: Date.now(), height: region.height }));
  const timer = setInterval(repaint, REPAINT_MS_MIN).unref();
  const show = (view: RunView) => {
    const isFirst = latest === undefined;
    latest = view;
    if (isFirst) repaint();
  };
  const close = () => {
    clearInterval(timer);
    latest = undefined;
    region.close();
  };
  return {
    show: (_, view) => show(view),
    note: (_, view) => show(view),
    finish(view, summary) {
      region.clear();
      close();
      const tree = treeLines(view, { now: view.finishedAt ?? Date.now(), logLines: LOG_LINES_FINAL });
      const fitted = tree.map((line) => fitLine(line, region.columns - 1));
      writeLines(terminal, [...fitted, ...summaryLines(view, summary)], paint);
    },
    close() {
      if (latest) leave(latest);
      close();
    },
  };

  /** A failure follows. Of what never began, only the notes are worth keeping. */
  function leave(view: RunView): void {
    if (view.startedAt !== undefined) {
      repaint();
      return;
    }
    region.clear();
    writeLines(terminal, view.notes.map(noteLine), paint);
  }
}

/** One line as something happens. `only` leaves out the other stages. */
export function plainScreen(out: Terminal, paint: Paint, only?: { readonly stage: string }): Screen {
  let options: PlainOptions | undefined;
  return {
    show(entry, view) {
      options ??= { startedAt: view.startedAt ?? entry.at, ...(only ? { withoutPlace: true } : {}) };
      if (only && isAside(entry, only.stage)) return;
      writeLines(out, plainLines(entry, options), paint);
    },
    note: (message) => writeLines(out, [noteLine(message)], paint),
    finish: (view, summary) => writeLines(out, summaryLines(view, summary), paint),
    close: () => {},
  };
}

/** Nothing, and one JSON document at the end. */
export function jsonScreen(out: Terminal): Screen {
  return {
    show: () => {},
    note: () => {},
    finish: (view, summary) => out.write(`${JSON.stringify(reportDocument(view, summary), null, 2)}\n`),
    close: () => {},
  };
}

/** What is of no interest where one stage is: the stages themselves, and the other ones, unless they fail. */
function isAside(entry: StoryEntry, stage: string): boolean {
  if (entry.type === "stageStarted" || entry.type === "stageFinished") return true;
  if (entry.stage === undefined) return entry.type !== "note";
  return entry.stage !== stage && !(entry.type === "actionFinished" && entry.error);
}

function noteLine(message: string): Line {
  return [span("note: ", "warn"), span(oneLine(message))];
}

function writeLines(out: Terminal, lines: readonly Line[], paint: Paint): void {
  if (lines.length > 0) out.write(lines.map((line) => `${paintLine(line, paint)}\n`).join(""));
}
