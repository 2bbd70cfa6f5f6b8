import type { FunctionHost } from "../../functions/host.ts";
import type { FunctionRegistry } from "../../functions/registry.ts";
import type { Operation } from "../../wire/operation.ts";
import type { Operations } from "./shapes.generated.ts";

/** What the operations of Lambda work with. */
export interface Lambda {
  readonly registry: FunctionRegistry;
  readonly host: Pick<FunctionHost, "invoke">;
  readonly account: string;
  /** Puts an asynchronous invocation on record; durable when it resolves. The ARN names the version to run. */
  invokeAsync(requestId: string, functionArn: string, payload: Buffer): Promise<void>;
  /** Whether the service may assume a role: it exists and trusts `lambda.amazonaws.com`. */
  canAssume(roleArn: string): Promise<boolean>;
  /** A function was changed or deleted: its environments of before are of no use. Nothing waits for it. */
  retire(functionArn: string): void;
}

type Served<N extends keyof Operations> = Operation<Lambda, Operations[N]["input"], Operations[N]["output"]> & {
  readonly name: N;
};

/** Declares an operation of Lambda, with the model's input and output. */
export function served<N extends keyof Operations>(declared: Served<N>): Served<N> {
  return declared;
}
