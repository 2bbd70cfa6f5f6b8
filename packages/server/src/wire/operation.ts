import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";

/** Who signed a request, as far as the wire cares; what the principal may do is the identity folder's matter. */
export interface Principal {
  readonly account: string;
  /** Such as `arn:aws:iam::000000000000:root` or `arn:aws:sts::000000000000:assumed-role/role/session`. */
  readonly arn: string;
  readonly accessKeyId: string;
}

/** Where a name belongs that says neither account nor region itself. */
export interface Home {
  readonly account: string;
  readonly region: string;
}

/** All that is known of one request besides its input. `P` is the kind of principal that `findKey` answers. */
export interface Call<P extends Principal = Principal> {
  /** A uuid for the JSON and query protocols; S3 shows it in its own form. */
  readonly requestId: string;
  readonly region: string;
  /** How the request was signed; absent inside the process. */
  readonly signatureVersion?: 2 | 4;
  readonly principal: P;
  /** Epoch milliseconds at the request's arrival. */
  readonly now: number;
  /** Whether the caller may do something, for an operation that refuses in part; absent inside the process. */
  authorize?(access: Access): AccessAnswer | Promise<AccessAnswer>;
  /** The raw request, for the rare operation that needs a header that the model does not have. */
  readonly request?: IncomingMessage;
}

/** Where the bare names of a request belong: to the caller's account, in the region that it was sent to. */
export function homeOf({ principal, region }: Pick<Call, "principal" | "region">): Home {
  return { account: principal.account, region };
}

/** The answer to whether a principal may do something, with IAM's reason. */
export type AccessAnswer = { readonly allowed: true } | { readonly allowed: false; readonly message: string };

/** One thing that the caller must be allowed to do, before an operation runs. */
export interface Access {
  /** IAM action, such as `codepipeline:PutJobSuccessResult`. */
  readonly action: string;
  /** ARN, or `*` for an operation without a resource type (reference §4.1). */
  readonly resource: string;
  /** Condition keys by their full names. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** One API operation: `C` is what the service hands it, `I` and `O` are the model's input and output. */
export interface Operation<C, I, O> {
  readonly name: string;
  /** What the caller must be allowed; absent where IAM refuses nobody, as for `sts:GetCallerIdentity`. */
  access?(input: I, context: C, call: Call): readonly Access[] | Promise<readonly Access[]>;
  /** Runs with an input that already satisfies the model's constraints. */
  run(input: I, context: C, call: Call): Promise<O>;
}

/**
 * A body that is not read into memory: the value of a `streaming` member, in an input and in an output.
 * An output may also give a Buffer.
 */
export type StreamingBody = Readable;

/** Declares an operation; only there to give its parts their types. */
export function operation<C, I, O>(declared: Operation<C, I, O>): Operation<C, I, O> {
  return declared;
}
