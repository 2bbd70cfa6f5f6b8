import type { AwsCredentials } from "./aws-itself.ts";
import type { Access, AccessAnswer, Principal } from "./operation.ts";
import type { OtherService } from "./other-services.ts";
import type { Service } from "./service.ts";
import type { KeyAnswer } from "./signature/authenticate.ts";

/** What a log must be able to do; pino is one. */
export interface WireLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What is known of a request once it is over. */
export interface CallRecord<P extends Principal = Principal> {
  readonly requestId: string;
  /** Such as `codepipeline`; also of a service that nobody serves. */
  readonly service: string;
  readonly operation: string | undefined;
  readonly principal: P | undefined;
  /** The key that the request says it is signed with; without a principal nothing proves that. */
  readonly accessKeyId: string | undefined;
  readonly region: string | undefined;
  readonly status: number;
  readonly errorCode: string | undefined;
  readonly errorMessage: string | undefined;
  /** The operation's input, once it is valid. It may hold secrets: never log it. */
  readonly input: unknown;
  /** Epoch milliseconds at the request's arrival. */
  readonly startedAt: number;
}

export interface WireOptions<P extends Principal = Principal> {
  /** By the name in a signature's scope. Each is called once, on the service's first request. */
  readonly services: Readonly<Record<string, () => Promise<Service>>>;
  findKey(accessKeyId: string, sessionToken: string | undefined, now: number): KeyAnswer<P>;
  /** What becomes of calls of a service that is not among them; they are refused unless this says otherwise. */
  otherService?(name: string): OtherService;
  /** With what calls that go to AWS itself are signed. */
  awsCredentials?(): Promise<AwsCredentials>;
  authorize(principal: P, access: Access): AccessAnswer | Promise<AccessAnswer>;
  /** Epoch milliseconds; may be moved, as a test or the command line does. */
  now(): number;
  /** The clock that signatures are compared with; the real one unless given, because clients sign by theirs. */
  clockNow?(): number;
  newRequestId(): string;
  readonly log: WireLog;
  onCall?(record: CallRecord<P>): void;
}
