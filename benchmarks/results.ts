/** Results for people: lines for the terminal, and the page `RESULTS.md`. */
import type { Machine } from "./machine.ts";
import type { Compared, Comparison, Goal } from "./measuring/compare.ts";
import type { Spread } from "./measuring/statistics.ts";

export interface ScenarioResult {
  readonly title: string;
  readonly method: string;
  readonly compared: readonly Compared[];
  readonly triesCount: number;
  /** What could not be measured, and why: a sentence each. */
  readonly left?: readonly string[];
}

export interface Page {
  readonly results: readonly ScenarioResult[];
  readonly machine: Machine;
  /** Such as `2026-11-24`. */
  readonly date: string;
  readonly command: string;
}

const HEAD = [
  "| what | ratio, median (p10..p90) | goal | | floor against itself | ours | floor |",
  "|---|---|---|---|---|---|---|",
];

export function resultsPage({ results, machine, date, command }: Page): string {
  const { cores, cpu, memoryGib, system, load, versions } = machine;
  return [
    "# Benchmark results",
    "",
    `Written by \`${command}\` on ${date}. ${system}, ${cores} cores (${cpu}), ${memoryGib} GiB; load average before the run ${load.toFixed(1)}.`,
    `${versions.join(", ")}.`,
    "",
    "Every figure is a ratio: ours against a floor that runs in the same rounds on the same machine, in turn. The median over the rounds counts.",
    "Each floor is also measured against itself; where that leaves 0.95 to 1.05 (p10..p90: 0.8 to 1.25) after three tries, or as many as 90 seconds allow, the line is void and says nothing.",
    "Times and rates are medians, for illustration: they belong to one machine at one hour.",
    ...results.flatMap(section),
    "",
  ].join("\n");
}

function section({ title, method, compared, triesCount, left = [] }: ScenarioResult): readonly string[] {
  const rounds = `${compared[0]?.roundsCount ?? 0} rounds${triesCount > 1 ? `, try ${triesCount}` : ""}.`;
  const table = compared.length > 0 ? ["", ...HEAD, ...compared.map(row)] : [];
  return ["", `## ${title}`, "", `${method} ${rounds}`, ...table, ...left.flatMap((line) => ["", line])];
}

function row(compared: Compared): string {
  const { comparison, ratio, sameness, verdict } = compared;
  const cells = [
    comparison.label,
    `**${ratio.median.toFixed(2)}** (${span(ratio)})`,
    comparison.goal ? goalText(comparison.goal) : "",
    verdict === "no goal" ? "" : verdict,
    `${sameness.median.toFixed(2)} (${span(sameness)})`,
    figureText(compared.ours, comparison.unit),
    figureText(compared.floor, comparison.unit),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** One line for the terminal. */
export function resultLine({ comparison, ratio, sameness, verdict, ours, floor }: Compared): string {
  const goal = comparison.goal ? ` goal ${goalText(comparison.goal)}` : "";
  const figures = `${figureText(ours, comparison.unit)} / ${figureText(floor, comparison.unit)}`;
  return `${verdict.padEnd(8)} ${ratio.median.toFixed(3)} (${span(ratio)})${goal}  ${comparison.label}  [${figures}, A/A ${sameness.median.toFixed(2)} (${span(sameness)})]`;
}

const span = ({ p10, p90 }: Spread) => `${p10.toFixed(2)}..${p90.toFixed(2)}`;

const goalText = (goal: Goal) => ("atMost" in goal ? `≤ ${goal.atMost.toFixed(2)}` : `≥ ${goal.atLeast.toFixed(2)}`);

function figureText(value: number, unit: Comparison["unit"]): string {
  if (unit === "/s") return `${Math.round(value).toLocaleString("en-US")}/s`;
  return `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`;
}
