/** A function's error in one line, with the place in its own code. */
import { basename } from "node:path";
import { oneLine } from "./text-width.ts";
import type { AttemptView } from "./view.ts";

const PYTHON_FRAME = /File "([^"]+)", line (\d+)/;
const NODE_FRAME = /(?:^|[\s(])((?:file:\/\/)?\/[^\s():]+):(\d+):\d+\)?$/;

/** `TypeError: unsupported operand … (lambda_function.py:17)`. */
export function errorText(error: NonNullable<AttemptView["error"]>): string {
  const place = errorPlace(error.stackTrace);
  const message = oneLine(error.errorMessage);
  const text = error.errorType ? `${error.errorType}: ${message}` : message;
  return place ? `${text} (${place})` : text;
}

/**
 * File and line of the innermost frame in the function's own code. Python tells the innermost last, Node
 * first; frames of libraries and of the runtime are passed over where there are others.
 */
export function errorPlace(stackTrace: readonly string[]): string | undefined {
  const lines = stackTrace.flatMap((entry) => entry.split("\n"));
  const python = lines.flatMap((line) => frame(PYTHON_FRAME, line)).reverse();
  const found = python.length > 0 ? python : lines.flatMap((line) => frame(NODE_FRAME, line));
  const own = found.find(({ file }) => !LIBRARY.test(file)) ?? found[0];
  return own && `${basename(own.file)}:${own.line}`;
}

const LIBRARY = /site-packages|dist-packages|node_modules|\/lib\/python3|<frozen|^node:|runtimes?\//;

function frame(pattern: RegExp, text: string): { readonly file: string; readonly line: string }[] {
  const [, file, line] = pattern.exec(text.trim()) ?? [];
  return file && line ? [{ file, line }] : [];
}

/** How an attempt ended, in words: `returned {…}`, `raised …`, `timed out`. */
export function outcomeText({ outcome, returned, error }: Pick<AttemptView, "outcome" | "returned" | "error">): string {
  const told = error ? errorText(error) : "";
  switch (outcome) {
    case "running":
      return "still runs";
    case "returned":
      return `returned ${oneLine(returned ?? "null")}`;
    case "raised":
      return `raised ${told || "an error"}`;
    case "timedOut":
      return "timed out";
    case "crashed":
      return `ended its process during the call${told ? `: ${told}` : ""}`;
    case "couldNotStart":
      return `could not start${told ? `: ${told}` : ""}`;
  }
}
