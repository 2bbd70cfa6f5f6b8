/** A function's error in one line, with the place in its own code. */
import { oneLine } from "./text-width.ts";
import type { AttemptView } from "./view.ts";

/** `TypeError: unsupported operand … (lambda_function.py:17)`. */
export function errorText(error: NonNullable<AttemptView["error"]>): string {
  const message = oneLine(error.errorMessage);
  const text = error.errorType ? `${error.errorType}: ${message}` : message;
  return error.place ? `${text} (${error.place})` : text;
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
