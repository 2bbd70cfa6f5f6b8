import type { FunctionHost } from "../../functions/host.ts";
import type { Functions } from "../../functions/open-functions.ts";
import type { Operation } from "../../wire/operation.ts";
import type { Operations } from "./shapes.generated.ts";

/** What the operations of Lambda work with. */
export interface Lambda extends Functions {
  readonly host: Pick<FunctionHost, "invoke">;
  /** Puts an asynchronous invocation on record; durable when it resolves. */
  invokeAsync(call: AsynchronousCall): Promise<void>;
  /** Whether the service may assume a role: it exists and trusts `lambda.amazonaws.com`. */
  canAssume(roleArn: string): Promise<boolean>;
  /** Why the sessions of a role may not call a function, in IAM's words; nothing if they may. */
  whyNotInvoke(roleArn: string, functionArn: string): Promise<string | undefined>;
  /** A function was changed or deleted: its environments of before are of no use. Nothing waits for it. */
  retire(functionArn: string): void;
  /** Tells the owner of this server what a client cannot be told. */
  warn(message: string): void;
}

/** An asynchronous call; the ARN says with which version or alias it was made, if any. */
export interface AsynchronousCall {
  readonly requestId: string;
  readonly functionArn: string;
  readonly payload: Buffer;
  /** JSON. */
  readonly clientContext?: string;
}

type Served<N extends keyof Operations> = Operation<Lambda, Operations[N]["input"], Operations[N]["output"]> & {
  readonly name: N;
};

/** Declares an operation of Lambda, with the model's input and output. */
export function served<N extends keyof Operations>(declared: Served<N>): Served<N> {
  return declared;
}
