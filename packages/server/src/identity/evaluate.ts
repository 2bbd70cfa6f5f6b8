/**
 * Decides as IAM does, from values alone.
 *
 * An explicit deny anywhere wins. Then there must be a grant: in the caller's own account, of its
 * identity's policies or of the resource's policy; across accounts, of both. A KMS key and a role's trust
 * must grant in any case, if only to the account. A session policy narrows all of it.
 *
 * Source: IAM user guide, "Policy evaluation logic". Source: our choice where both sides of two accounts lack a grant: the
 * resource's is named, because its owner must begin.
 */
import type { CompiledPolicy, Rule } from "./compile.ts";
import type { AccessDecision } from "./identity.ts";
import { closer, type Naming, type Subject } from "./principal.ts";
import type { ConditionKeys } from "./wildcard.ts";

/** One thing that somebody wants to do, with every policy that has a say. */
export interface Question {
  readonly subject: Subject;
  /** Such as `s3:GetObject`. */
  readonly action: string;
  readonly resource: string;
  /** The account that owns the resource. */
  readonly resourceAccount: string;
  readonly identityPolicies: readonly CompiledPolicy[];
  readonly sessionPolicy?: CompiledPolicy | undefined;
  readonly resourcePolicy?: CompiledPolicy | undefined;
  readonly keys: ConditionKeys;
}

/** Which sort of policy refused. */
export type PolicySort = "identity" | "session" | "resource";

/** The bare decision; `deniedMessage` puts it in the service's words. */
export type Verdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly explicit: boolean; readonly by: PolicySort };

type Effect = "Allow" | "Deny" | "none";

const ALLOWED: Verdict = { allowed: true };

/** Answers the question. Pure: same question, same verdict. */
export function evaluate(question: Question): Verdict {
  const action = question.action.toLowerCase();
  const identity = effectOf(question.identityPolicies, action, question);
  const session = question.sessionPolicy && effectOf([question.sessionPolicy], action, question);
  const resource = question.resourcePolicy && namingBy(question.resourcePolicy, action, question);
  if (identity === "Deny") return denied("identity", true);
  if (session === "Deny") return denied("session", true);
  if (resource === "Deny") return denied("resource", true);

  const naming = resource ?? "none";
  const sameAccount = question.subject.account === question.resourceAccount;
  const mustGrant = !sameAccount || (resource !== undefined && ownsItsGrants(action));
  if (mustGrant && naming === "none") return denied("resource", false);
  const direct = sameAccount && (naming === "role" || naming === "exact");
  if (!direct && identity !== "Allow") return denied("identity", false);
  const narrowed = session !== undefined && !(direct && naming === "exact");
  return narrowed && session !== "Allow" ? denied("session", false) : ALLOWED;
}

/** The reason as the identity's seam names it. */
export function reasonOf(verdict: Verdict & { allowed: false }): (AccessDecision & { allowed: false })["reason"] {
  if (verdict.explicit) return "explicitDeny";
  const reasons = { identity: "noIdentityPolicy", session: "noSessionPolicy", resource: "noResourcePolicy" } as const;
  return reasons[verdict.by];
}

/** Where a policy of the resource is the root of all access to it, not one way among others. */
function ownsItsGrants(action: string): boolean {
  return action.startsWith("kms:") || action.startsWith("sts:");
}

function denied(by: PolicySort, explicit: boolean): Verdict {
  return { allowed: false, explicit, by };
}

function effectOf(policies: readonly CompiledPolicy[], action: string, question: Question): Effect {
  let effect: Effect = "none";
  for (const policy of policies) {
    for (const rule of policy) {
      if (effect === "Allow" && rule.effect === "Allow") continue; // Only a deny could still matter.
      if (!applies(rule, action, question)) continue;
      if (rule.effect === "Deny") return "Deny";
      effect = "Allow";
    }
  }
  return effect;
}

/** How closely the resource's allowing statements name the subject, unless one denies. */
function namingBy(policy: CompiledPolicy, action: string, question: Question): Naming | "Deny" {
  let best: Naming = "none";
  for (const rule of policy) {
    const naming = rule.principals?.(question.subject) ?? "none";
    if (naming === "none" || !applies(rule, action, question)) continue;
    if (rule.effect === "Deny") return "Deny";
    best = closer(best, naming);
  }
  return best;
}

function applies(rule: Rule, action: string, { resource, keys }: Question): boolean {
  if (!rule.coversAction(action) || !rule.coversResource(resource, keys)) return false;
  for (const holds of rule.conditions) if (!holds(keys)) return false;
  return true;
}
