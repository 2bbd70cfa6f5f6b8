/** What a check found, for people and for programs. */
import { actionsOf, type Project } from "../project/project.ts";
import { type Line, type Span, type Style, span } from "../screen/line.ts";
import type { Severity } from "./finding.ts";
import type { PlacedFinding } from "./place-findings.ts";

const STYLES: Readonly<Record<Severity, Style>> = { error: "bad", warning: "warn", note: "quiet" };
const SEVERITIES: readonly Severity[] = ["error", "warning", "note"];

/** The pipeline's own findings, then those of each action, in order; an action without any is told as fine. */
export function checkLines({ pipeline, origin }: Project, findings: readonly PlacedFinding[]): readonly Line[] {
  const whole = findings.filter(({ action }) => !action);
  return [
    [span(`${pipeline.name}`, "strong"), span(`  ${origin}`, "quiet")],
    ...whole.flatMap(linesOf),
    ...actionsOf(pipeline).flatMap(({ stage, action }) => {
      const own = findings.filter((one) => one.action?.stage === stage.name && one.action.action === action.name);
      const name = span(`${stage.name}/${action.name}`, "strong");
      return [[], own.length === 0 ? [name, span("  fine", "good")] : [name], ...own.flatMap(linesOf)];
    }),
    [],
    totals(findings),
  ];
}

function linesOf({ severity, message, remedy, statement, place }: PlacedFinding): Line[] {
  const [first = "", ...rest] = message.split("\n");
  const body = (text: string, style?: Style): Line => [span(`           ${text}`, style)];
  const head: Span[] = [span(`  ${severity.padEnd(7)}`, STYLES[severity]), span(`  ${first}`)];
  return [
    head,
    ...rest.map((line) => body(line)),
    ...(remedy ? remedy.split("\n").map((line) => body(line)) : []),
    ...(statement && severity !== "note" ? [body(`  ${JSON.stringify(statement.statement)}`)] : []),
    ...(place ? [body(place, "quiet")] : []),
  ];
}

function totals(findings: readonly PlacedFinding[]): Line {
  const counted = countBySeverity(findings);
  const told = SEVERITIES.filter((severity) => counted[severity] > 0).map((severity) =>
    span(`${counted[severity]} ${severity}${counted[severity] === 1 ? "" : "s"}`, STYLES[severity]),
  );
  if (told.length === 0) return [span("Nothing was found.", "good")];
  return told.flatMap((one, index) => (index === 0 ? [one] : [span(", "), one]));
}

/** One document, in the shape that `docs/preflight.md` describes. */
export function checkDocument({ pipeline, origin }: Project, findings: readonly PlacedFinding[]): object {
  return {
    pipeline: pipeline.name,
    file: origin,
    ...numbers(findings),
    findings: findings.map(({ severity, check, action, message, remedy, statement, place }) => ({
      severity,
      check,
      stage: action?.stage ?? null,
      action: action?.action ?? null,
      place: place ?? null,
      message,
      remedy,
      policyOf: statement?.policyOf ?? null,
      statement: statement?.statement ?? null,
    })),
  };
}

function numbers(findings: readonly PlacedFinding[]) {
  const { error: errors, warning: warnings, note: notes } = countBySeverity(findings);
  return { errors, warnings, notes };
}

/** How many there are of each. */
export function countBySeverity(findings: readonly PlacedFinding[]): Readonly<Record<Severity, number>> {
  const count = (wanted: Severity) => findings.filter(({ severity }) => severity === wanted).length;
  return { error: count("error"), warning: count("warning"), note: count("note") };
}
