/** Asks the server's own evaluator whether a role may do what an action needs, and says what is missing. */
import { type AccessDecision, decideAccess, type PolicyDocument } from "@penstock/server/checks";
import type { CheckName, Finding } from "./finding.ts";
import type { KnownRole } from "./roles.ts";

/** What somebody needs to be able to do. */
export interface Need {
  readonly check: CheckName;
  readonly role: KnownRole;
  /** Such as `s3:GetObject`; each must be allowed. */
  readonly actions: readonly string[];
  /** ARNs of which one must do: of a key behind an alias any could be the one. */
  readonly resources: readonly string[];
  readonly resourceAccount: string;
  /** What a statement that is missing should name; the first resource unless given. */
  readonly grant?: string;
  /** The policy of the resource, and what it belongs to, such as `bucket demo-artifacts`. */
  readonly owner?: { readonly name: string; readonly policy: PolicyDocument | undefined };
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** Completes "so that …". */
  readonly purpose: string;
  readonly severity?: "error" | "warning";
}

type Denied = AccessDecision & { readonly allowed: false };

/** Nothing when all is allowed; else one finding for each reason why not. */
export function missingOf(need: Need): Omit<Finding, "action">[] {
  const byReason = new Map<string, { denied: Denied; actions: string[] }>();
  for (const action of need.actions) {
    const denied = deniedFor(need, action);
    if (!denied) continue;
    const reason = `${denied.reason} ${/in an? (\S+) policy/.exec(denied.message)?.[1] ?? ""}`;
    const found = byReason.get(reason) ?? { denied, actions: [] };
    found.actions.push(action);
    byReason.set(reason, found);
  }
  return [...byReason.values()].map(({ denied, actions }) => describe(need, denied, actions));
}

function deniedFor({ role, resources, resourceAccount, owner, context = {} }: Need, action: string) {
  let last: Denied | undefined;
  for (const resource of resources) {
    const policy = owner?.policy;
    const decision = decideAccess({
      asking: { role },
      action,
      resource,
      resourceAccount,
      context,
      ...(policy ? { resourcePolicy: policy } : {}),
    });
    if (decision.allowed) return undefined;
    last = decision;
  }
  return last;
}

function describe(need: Need, denied: Denied, actions: readonly string[]): Omit<Finding, "action"> {
  const { check, role, purpose, owner, severity = "error" } = need;
  const head = `role ${role.name} may not ${listed(actions)}, which it needs to ${purpose}`;
  const finding = { severity, check, message: `${head}. ${denied.message}.` };
  if (denied.reason === "explicitDeny") {
    const whose = denied.message.includes("resource-based") ? (owner?.name ?? "the resource") : `role ${role.name}`;
    return { ...finding, remedy: `Take the "Deny" that covers it out of the policy of ${whose}, or narrow it.` };
  }
  const Action = actions.length === 1 ? actions[0] : actions;
  const Resource = need.grant ?? need.resources[0] ?? "*";
  if (denied.reason === "noResourcePolicy") {
    const policyOf = owner?.name ?? "the resource";
    const isKey = policyOf.startsWith("key ");
    const statement = { Effect: "Allow", Principal: { AWS: role.arn }, Action, Resource: isKey ? "*" : Resource };
    return {
      ...finding,
      remedy: `Add this statement to the policy of ${policyOf}:`,
      statement: { policyOf, statement },
    };
  }
  const policyOf = `role ${role.name}`;
  const statement = { Effect: "Allow", Action, Resource };
  return { ...finding, remedy: `Add this statement to a policy of ${policyOf}:`, statement: { policyOf, statement } };
}

function listed(actions: readonly string[]): string {
  return actions.length < 2 ? (actions[0] ?? "") : `${actions.slice(0, -1).join(", ")} and ${actions.at(-1)}`;
}

/** Whether a trust policy lets a service, or a role, assume the role. */
export function isTrusted(
  role: KnownRole,
  by: { readonly service: string } | { readonly role: KnownRole },
  context: Readonly<Record<string, string>>,
): AccessDecision {
  if (!role.trust) return { allowed: true }; // what is wrong with it is told already
  const account = role.arn.split(":")[4] ?? "";
  return decideAccess({
    asking: "service" in by ? { service: by.service, account } : { role: by.role },
    action: "sts:AssumeRole",
    resource: role.arn,
    resourceAccount: account,
    resourcePolicy: role.trust,
    context,
  });
}
