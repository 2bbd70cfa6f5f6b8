import type { Store } from "../store/store.ts";
import { accountOfArn } from "./arn.ts";
import { type CompiledPolicy, compilePolicy } from "./compile.ts";
import { deniedMessage } from "./denied-message.ts";
import { evaluate, reasonOf, type Verdict } from "./evaluate.ts";
import type { AccessDecision, AccessRequest, Caller, Identity, KeyLookup } from "./identity.ts";
import type { MasterKey } from "./master-key.ts";
import type { ServiceSubject } from "./principal.ts";
import { createRoles, type Role } from "./roles.ts";
import { createSessions, rootCaller } from "./sessions.ts";
import type { ConditionKeys } from "./wildcard.ts";

export interface IdentityOptions {
  readonly store: Pick<Store, "read">;
  readonly masterKey: MasterKey;
  /** Keys of accounts' roots. */
  readonly rootKeys: readonly RootKey[];
  /** Whether an account's number is a key of its root, with the secret `test`: only where nobody else can reach the server. */
  readonly takesAccountNumbers?: boolean;
  /** `warn` lets pass what policies refuse, and logs it; `off` asks no policy at all. */
  readonly mode: "enforce" | "warn" | "off";
  readonly log: { warn(details: object, message: string): void };
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface RootKey {
  readonly account: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const ALLOWED: AccessDecision = { allowed: true };
const ANYTHING: readonly CompiledPolicy[] = [
  compilePolicy({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }),
];
const NOTHING: readonly CompiledPolicy[] = [];
const NOBODY: CompiledPolicy = [];

/** Builds what every request is checked with. It reads a role's rows once, then only after `roleChanged`. */
export function createIdentity(options: IdentityOptions): Identity {
  const { store, masterKey, rootKeys, mode, log, now } = options;
  const sessions = createSessions(masterKey);
  const roles = createRoles(() => store.read);
  const roots = new Map(rootKeys.map((key) => [key.accessKeyId, toLookup(key)]));

  function settle(verdict: Verdict, request: { arn: string; action: string; resource: string }): AccessDecision {
    if (verdict.allowed) return ALLOWED;
    const message = deniedMessage(request, verdict);
    if (mode === "enforce") return { allowed: false, message, reason: reasonOf(verdict) };
    log.warn({ action: request.action, resource: request.resource }, message);
    return ALLOWED;
  }

  return {
    findKey(accessKeyId, sessionToken, at) {
      const root = roots.get(accessKeyId) ?? (options.takesAccountNumbers ? byNumber(accessKeyId) : undefined);
      if (root) return sessionToken === undefined ? root : { found: false, reason: "badToken" };
      if (!accessKeyId.startsWith("ASIA") || !sessionToken) return { found: false, reason: "unknownKey" };
      return sessions.find(accessKeyId, sessionToken, at);
    },
    issueSession: (request) => sessions.issue(request),
    issueRootSession: (request) => sessions.issue(request),
    async authorize(request) {
      if (mode === "off") return ALLOWED;
      const role = await roleOf(request.caller);
      const verdict = decide(request, role, now);
      return settle(verdict, { arn: request.caller.arn, action: request.action, resource: request.resource });
    },
    async mayAssume(caller, roleArn) {
      if (mode === "off") return ALLOWED;
      const role = await load(roleArn);
      const request = { caller, action: "sts:AssumeRole", resource: roleArn };
      const verdict = decide(request, await roleOf(caller), now, role?.trust ?? NOBODY);
      return settle(verdict, { ...request, arn: caller.arn });
    },
    async serviceMayAssume(roleArn, service, context = {}) {
      const role = await load(roleArn);
      if (!role) return false;
      if (mode === "off") return true;
      const subject: ServiceSubject = { type: "service", arn: service, account: accountOfArn(roleArn) };
      const verdict = decideTrust(
        role.trust,
        subject,
        roleArn,
        contextKeys(context, () => undefined),
      );
      return settle(verdict, { arn: service, action: "sts:AssumeRole", resource: roleArn }).allowed;
    },
    async serviceMayCall({ service, action, resource, policy }, context = {}) {
      if (mode === "off") return true;
      const account = accountOfArn(resource);
      const verdict = evaluate({
        subject: { type: "service", arn: service, account },
        action,
        resource,
        resourceAccount: account,
        identityPolicies: NOTHING,
        resourcePolicy: policy && compilePolicy(policy),
        keys: contextKeys(context, () => undefined),
      });
      return settle(verdict, { arn: service, action, resource }).allowed;
    },
    roleChanged: roles.forget,
  };

  function roleOf(caller: Caller): Role | null | Promise<Role | null> {
    return caller.type === "root" ? null : load(caller.roleArn);
  }

  /** Awaits only for a role that is not in memory yet. */
  function load(roleArn: string): Role | null | Promise<Role | null> {
    const cached = roles.cached(roleArn);
    return cached === undefined ? roles.load(roleArn) : cached;
  }
}

/**
 * The key that every account has on a laptop: its own number. Source: our choice, as the local tools do that people come
 * from, but the secret counts.
 */
function byNumber(accessKeyId: string): KeyLookup | undefined {
  if (!/^\d{12}$/.test(accessKeyId)) return undefined;
  return toLookup({ account: accessKeyId, accessKeyId, secretAccessKey: "test" });
}

function toLookup({ account, accessKeyId, secretAccessKey }: RootKey): KeyLookup {
  return { found: true, secretAccessKey, principal: rootCaller(account, accessKeyId) };
}

/** The sessions of a role that is gone may do nothing, whatever a resource's policy says. */
function decide(request: AccessRequest, role: Role | null, now: () => number, trust?: CompiledPolicy): Verdict {
  const { caller, action, resource, resourcePolicy } = request;
  if (caller.type === "session" && !role) return { allowed: false, explicit: false, by: "identity" };
  return evaluate({
    subject: caller,
    action,
    resource,
    resourceAccount: ownerOf(request),
    identityPolicies: caller.type === "root" ? ANYTHING : (role?.policies ?? NOTHING),
    sessionPolicy: caller.type === "session" && caller.sessionPolicy ? compilePolicy(caller.sessionPolicy) : undefined,
    resourcePolicy: trust ?? (resourcePolicy && compilePolicy(resourcePolicy)),
    keys: contextKeys(request.context, (name) => requestKey(name, request, role, now)),
  });
}

function decideTrust(trust: CompiledPolicy, subject: ServiceSubject, resource: string, keys: ConditionKeys): Verdict {
  const question = { subject, action: "sts:AssumeRole", resource, resourceAccount: subject.account, keys };
  return evaluate({ ...question, identityPolicies: NOTHING, resourcePolicy: trust });
}

/** Whose the resource is. What belongs to nobody in particular, such as `*`, is the caller's. */
function ownerOf({ caller, resource, resourceAccount }: AccessRequest): string {
  return resourceAccount ?? (accountOfArn(resource) || caller.account);
}

/** What the request brings goes before what is known of the caller. Names of keys are told apart without case. */
function contextKeys(context: AccessRequest["context"], others: ConditionKeys): ConditionKeys {
  let lower: Map<string, string | readonly string[]> | undefined;
  return (name) => {
    lower ??= new Map(Object.entries(context ?? {}).map(([key, value]) => [key.toLowerCase(), value]));
    return lower.get(name) ?? others(name);
  };
}

/** Condition keys that every request has. Source: IAM user guide, "Global condition context keys". */
function requestKey(name: string, request: AccessRequest, role: Role | null, now: () => number): string | undefined {
  const { caller } = request;
  switch (name) {
    case "aws:resourceaccount":
    case "s3:resourceaccount":
      return ownerOf(request);
    case "aws:principalarn":
      return caller.type === "session" ? caller.roleArn : caller.arn;
    case "aws:principalaccount":
      return caller.account;
    case "aws:principaltype":
      return caller.type === "session" ? "AssumedRole" : "Account";
    case "aws:userid":
      return caller.type === "session" ? `${role?.id ?? ""}:${caller.sessionName}` : caller.account;
    case "aws:currenttime":
      return new Date(now()).toISOString();
    case "aws:epochtime":
      return String(Math.floor(now() / 1000));
    default:
      return undefined;
  }
}
