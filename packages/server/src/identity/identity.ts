import type { Principal } from "../wire/operation.ts";

/** A policy document, parsed. Elements keep the spelling of IAM. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, string | readonly string[]>>;
  readonly NotPrincipal?: "*" | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, ConditionValue>>>>;
}

export type ConditionValue = string | number | boolean | readonly (string | number | boolean)[];

/** Who signed a request. Root may do everything in its account; a session may do what role and session policy allow. */
export type Caller = RootCaller | SessionCaller;

export interface RootCaller extends Principal {
  readonly type: "root";
}

export interface SessionCaller extends Principal {
  readonly type: "session";
  readonly roleArn: string;
  readonly sessionName: string;
  readonly sessionPolicy?: PolicyDocument;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** What a lookup of an access key answers; the wire turns each refusal into the service's error. */
export type KeyLookup =
  | { readonly found: true; readonly secretAccessKey: string; readonly principal: Caller }
  | { readonly found: false; readonly reason: "unknownKey" | "badToken" | "expiredToken" };

/** Temporary credentials as STS and the job event give them. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Epoch milliseconds, whole seconds. */
  readonly expiresAt: number;
}

export interface AccessRequest {
  readonly caller: Caller;
  /** Such as `codepipeline:PutJobSuccessResult`. */
  readonly action: string;
  /** The resource's ARN; `*` for an operation that has no resource type. */
  readonly resource: string;
  /** Condition keys by their full names, such as `s3:x-amz-server-side-encryption`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** Whose the resource is, where its ARN does not say: a bucket's owner. */
  readonly resourceAccount?: string;
  /** A bucket's, key's or function's own policy, or a role's trust. One that is there must grant, for `kms:` and `sts:`. */
  readonly resourcePolicy?: PolicyDocument;
}

/** The answer of IAM, with the reason in the service's words (reference §1.2). */
export type AccessDecision =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      /** Such as `User: … is not authorized to perform: … because no session policy allows the … action`. */
      readonly message: string;
      readonly reason: "explicitDeny" | "noIdentityPolicy" | "noSessionPolicy" | "noResourcePolicy";
    };

export interface IssueSession {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly policy?: PolicyDocument;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface IssueRootSession extends Pick<IssueSession, "durationSeconds" | "now"> {
  readonly account: string;
}

/** Keys, sessions and decisions: what STS, IAM and the check of every request stand on. */
export interface Identity {
  /** Looks up who may sign with a key. Sessions are sealed into their token, so this reads no row. */
  findKey(accessKeyId: string, sessionToken: string | undefined, now: number): KeyLookup;
  /** Makes credentials of a role. Pure computation: it neither checks trust nor writes. */
  issueSession(request: IssueSession): SessionCredentials;
  /** As `issueSession`, for an account's root: what `sts:GetSessionToken` gives. */
  issueRootSession(request: IssueRootSession): SessionCredentials;
  authorize(request: AccessRequest): Promise<AccessDecision>;
  /**
   * Whether a caller may assume a role: by its own policies and the role's trust. A role that is not there is refused
   * like one that trusts somebody else.
   */
  mayAssume(caller: Caller, roleArn: string): Promise<AccessDecision>;
  /**
   * Says whether a role is there and trusts a service, such as `codepipeline.amazonaws.com`.
   * `context` holds condition keys, such as `aws:SourceAccount`.
   */
  serviceMayAssume(roleArn: string, service: string, context?: AccessRequest["context"]): Promise<boolean>;
  /**
   * Says whether a resource lets a service of AWS do something, by the resource's own policy, such as
   * `codepipeline.amazonaws.com` call a function. `context` as above.
   */
  serviceMayCall(
    call: {
      readonly service: string;
      readonly action: string;
      readonly resource: string;
      readonly policy?: PolicyDocument;
    },
    context?: AccessRequest["context"],
  ): Promise<boolean>;
  /** Forgets what is cached of a role, after a change to it or to its policies. */
  roleChanged(roleArn: string): void;
}
