/** What the server found about an action, as lines for people. */
import type { Diagnosis } from "../server-port.ts";
import { type Line, span } from "./line.ts";
import { oneLine } from "./text-width.ts";
import type { ActionView } from "./view.ts";

type Finding = Diagnosis["findings"][number];

/** The diagnosis of an action, if the server has made one. */
export function diagnosisOf(action: ActionView, diagnoses: readonly Diagnosis[]): Diagnosis | undefined {
  return diagnoses.find(({ actionExecutionId }) => actionExecutionId === action.actionExecutionId);
}

/** The root with its remedy, then what else was found, without what only follows from the root. */
export function findingLines({ findings }: Diagnosis, indent: string): readonly Line[] {
  const [root, ...others] = findings;
  if (!root) return [];
  const told = others.filter(({ isConsequence }) => !isConsequence);
  return [
    ...whole(root, indent),
    ...told.flatMap((finding) => (finding.missing ? whole(finding, indent) : short(finding, indent))),
  ];
}

function whole(finding: Finding, indent: string): readonly Line[] {
  const remedy = finding.remedy.split("\n").filter((line) => line !== "");
  return [...short(finding, indent), ...remedy.map((line) => [span(`${indent}${line}`)])];
}

function short({ sentence }: Finding, indent: string): readonly Line[] {
  return [[span(`${indent}${oneLine(sentence)}`)]];
}

/** A diagnosis for whoever asks for it: the action's state, what was found, and from what it is told. */
export function diagnosisLines(diagnosis: Diagnosis): readonly Line[] {
  const { stage, action, state, error, cause, evidence, standing } = diagnosis;
  const words = error ? `: ${error.code}: ${oneLine(error.message)}` : "";
  const head: Line = [
    span(`${stage}/${action} `, "strong"),
    span(`${state}${words}`, state === "failed" ? "bad" : state === "succeeded" ? "good" : "busy"),
  ];
  if (cause === undefined) return [head, ...(state === "succeeded" ? [] : standingLines(diagnosis))];
  const lines = evidence.map(
    ({ at, text }): Line => [span(`    ${new Date(at).toISOString()}  ${oneLine(text)}`, "quiet")],
  );
  return [
    head,
    [span(`  ${cause}`, "warn")],
    ...findingLines(diagnosis, "  "),
    ...(standing === undefined ? [] : [[span(`  ${standing}`, "busy")]]),
    [span("  Evidence:", "quiet")],
    ...lines,
  ];
}

function standingLines({ sentence, remedy }: Diagnosis): readonly Line[] {
  return [sentence, ...(remedy === "" ? [] : [remedy])].map((text) => [span(`  ${text}`)]);
}
