/**
 * Rounds, in turn: every round runs every slice once, and each round begins with another slice, so that no slice is
 * always the one that comes after a certain other.
 */
import { type Compared, type Comparison, compare, type Figures } from "./compare.ts";

/** One stretch of measuring, and what it found. */
export interface Slice {
  readonly name: string;
  run(): Promise<Figures>;
}

/** All that one scenario has set up. */
export interface Rig {
  readonly slices: readonly Slice[];
  readonly comparisons: readonly Comparison[];
  /** What cannot be measured here, and why: a sentence each. */
  readonly left?: readonly string[];
  /** Adds figures that are made of others of the same round. */
  derive?(figures: Figures): Figures;
  close(): Promise<void>;
}

export interface RoundsOptions {
  readonly roundsCount: number;
  /** Rounds at the beginning that are not counted: caches fill and code is compiled. */
  readonly warmUpCount: number;
  /** When to end, in `performance.now()`. */
  readonly deadline: number;
  note(line: string): void;
}

export interface Tried {
  readonly compared: readonly Compared[];
  readonly triesCount: number;
}

/** How often rounds are run again after the gate found them void. Source: performance method, §4.3. */
const TRIES_COUNT_MAX = 3;

/** Fewer rounds than this say nothing, even where time runs out. */
const ROUNDS_COUNT_MIN = 5;

/** Runs rounds until the floors agree with themselves, or the tries or the time are used up. */
export async function runRig(rig: Rig, options: RoundsOptions): Promise<Tried> {
  await runRounds(rig, { ...options, roundsCount: options.warmUpCount, roundsCountMin: options.warmUpCount });
  for (let triesCount = 1; ; triesCount += 1) {
    const startedAt = performance.now();
    const roundsCountMin = Math.min(ROUNDS_COUNT_MIN, options.roundsCount);
    const rounds = await runRounds(rig, { ...options, roundsCountMin });
    const compared = rig.comparisons.map((comparison) => compare(comparison, rounds));
    const again = performance.now() + (performance.now() - startedAt);
    const isVoid = compared.some(({ verdict }) => verdict === "void");
    if (!isVoid || triesCount === TRIES_COUNT_MAX || again > options.deadline) return { compared, triesCount };
    options.note(`try ${triesCount} is void, because a floor differs from itself; once more`);
  }
}

/** Stops early at the deadline, but not before the least number of rounds. */
async function runRounds(
  rig: Rig,
  { roundsCount, roundsCountMin, deadline }: RoundsOptions & { readonly roundsCountMin: number },
): Promise<readonly Figures[]> {
  const rounds: Figures[] = [];
  while (rounds.length < roundsCount) {
    if (performance.now() > deadline && rounds.length >= roundsCountMin) break;
    let figures: Figures = {};
    for (const slice of inTurn(rig.slices, rounds.length)) figures = { ...figures, ...(await slice.run()) };
    rounds.push(rig.derive ? { ...figures, ...rig.derive(figures) } : figures);
  }
  return rounds;
}

/** The items in the order of a round: A B C, then B C A, and so on. */
export function inTurn<T>(items: readonly T[], round: number): readonly T[] {
  const first = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
