import type { Bench } from "../bench.ts";
import type { Rig } from "../measuring/rounds.ts";

/** One question of speed: what is ours, what is its floor, and how far apart they may be. */
export interface Scenario {
  /** As it is asked for on the command line. */
  readonly name: string;
  readonly title: string;
  /** What exactly is measured, for the reader of the results. */
  readonly method: string;
  readonly roundsCount: number;
  readonly warmUpCount: number;
  open(bench: Bench): Promise<Rig>;
}
