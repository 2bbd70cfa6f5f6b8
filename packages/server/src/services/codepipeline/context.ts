import type { Clock } from "../../clock.ts";
import type { Declarations } from "../../engine/declarations.ts";
import type { Engine } from "../../engine/engine.ts";
import type { StartedAction } from "../../engine/providers/provider.ts";
import type { Store } from "../../store/store.ts";
import type { Operation } from "../../wire/operation.ts";
import type { AWSSessionCredentials, Operations } from "./shapes.generated.ts";

/** What the operations of CodePipeline work with. */
export interface CodePipeline {
  readonly store: Store;
  readonly engine: Engine;
  readonly declarations: Declarations;
  readonly clock: Clock;
  /** Fresh credentials for a job's artifacts. */
  issueCredentials(action: StartedAction): AWSSessionCredentials;
  /** Whether the service may assume a role: it exists and trusts `codepipeline.amazonaws.com`. */
  canAssume(roleArn: string): Promise<boolean>;
  /** Whether the sessions of a role may assume another role, as the pipeline's does with an action's. */
  canChain(roleArn: string, nextRoleArn: string): Promise<boolean>;
  newId(): string;
}

type Served<N extends keyof Operations> = Operation<CodePipeline, Operations[N]["input"], Operations[N]["output"]> & {
  readonly name: N;
};

/** Declares an operation of CodePipeline, with the model's input and output. */
export function served<N extends keyof Operations>(declared: Served<N>): Served<N> {
  return declared;
}
