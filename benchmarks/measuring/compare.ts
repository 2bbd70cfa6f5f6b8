/**
 * From the figures of many rounds to an answer.
 *
 * Ours is divided by its floor within each round, because whatever disturbs the machine disturbs both alike; the
 * answer is the median of these ratios. Each round also runs the floor a second time. If a floor differs from itself
 * by more than the gate allows, the rounds say nothing about ours either, and the comparison is void.
 */
import { type Spread, spreadOf } from "./statistics.ts";

/** What one round measured, by name. */
export type Figures = Readonly<Record<string, number>>;

/** A ratio that is to be at most, or at least, so much. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number };

/** What is compared, by the names of figures. */
export interface Comparison {
  readonly label: string;
  readonly ours: string;
  readonly floor: string;
  /** The floor, measured twice in each round. */
  readonly twins: readonly [string, string];
  /** Unit of both figures. */
  readonly unit: "ms" | "MiB" | "/s" | "MB/s";
  /** Without a goal the ratio is shown as context. */
  readonly goal?: Goal;
}

export type Verdict = "met" | "not met" | "void" | "no goal";

export interface Compared {
  readonly comparison: Comparison;
  /** Ours over the floor, round by round. */
  readonly ratio: Spread;
  /** The floor over itself, round by round. */
  readonly sameness: Spread;
  /** Medians, for illustration. */
  readonly ours: number;
  readonly floor: number;
  readonly roundsCount: number;
  readonly verdict: Verdict;
}

/** How far the median of a floor over itself may be from 1, and how wide its ratios may spread. Source: performance method, §4.3. */
const SAME_MEDIAN_MIN = 0.95;
const SAME_MEDIAN_MAX = 1.05;
const SAME_P10_MIN = 0.8;
const SAME_P90_MAX = 1.25;

export function isSame({ median, p10, p90 }: Spread): boolean {
  return median >= SAME_MEDIAN_MIN && median <= SAME_MEDIAN_MAX && p10 >= SAME_P10_MIN && p90 <= SAME_P90_MAX;
}

export function isMet(goal: Goal, ratio: number): boolean {
  return "atMost" in goal ? ratio <= goal.atMost : ratio >= goal.atLeast;
}

export function compare(comparison: Comparison, rounds: readonly Figures[]): Compared {
  const of = (name: string) => rounds.map((figures) => figureOf(figures, name));
  const ratioOf = (over: string, under: string) =>
    spreadOf(rounds.map((figures) => figureOf(figures, over) / figureOf(figures, under)));
  const ratio = ratioOf(comparison.ours, comparison.floor);
  const sameness = ratioOf(...comparison.twins);
  return {
    comparison,
    ratio,
    sameness,
    ours: spreadOf(of(comparison.ours)).median,
    floor: spreadOf(of(comparison.floor)).median,
    roundsCount: rounds.length,
    verdict: verdictOf(comparison.goal, ratio, sameness),
  };
}

function figureOf(figures: Figures, name: string): number {
  const figure = figures[name];
  if (figure === undefined || !(figure > 0)) throw new Error(`A round has no figure for ${name}: ${figure}`);
  return figure;
}

function verdictOf(goal: Goal | undefined, ratio: Spread, sameness: Spread): Verdict {
  if (!isSame(sameness)) return "void";
  if (!goal) return "no goal";
  return isMet(goal, ratio.median) ? "met" : "not met";
}
