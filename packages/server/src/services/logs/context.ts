import type { LineWriter } from "../../logs/line-writer.ts";
import type { Store } from "../../store/store.ts";
import type { Operation } from "../../wire/operation.ts";
import type { Operations } from "./shapes.generated.ts";

/** What the operations of CloudWatch Logs work with. */
export interface Logs {
  readonly store: Store;
  /** What functions have written and is not stored yet. */
  readonly lines: Pick<LineWriter, "flush">;
}

type Served<N extends keyof Operations> = Operation<Logs, Operations[N]["input"], Operations[N]["output"]> & {
  readonly name: N;
};

/** Declares an operation of CloudWatch Logs, with the model's input and output. */
export function served<N extends keyof Operations>(declared: Served<N>): Served<N> {
  return declared;
}
