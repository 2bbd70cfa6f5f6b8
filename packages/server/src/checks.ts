/**
 * What the server would decide, asked without one: IAM's decisions about policies at hand, and the model's constraints
 * on a pipeline's declaration. It is the server's own evaluator, so a check before a run and the run agree.
 */
import { asCaller } from "./engine/providers/as-caller.ts";
import { RUN_TYPES } from "./engine/providers/run-types.ts";
import { accountOfArn } from "./identity/arn.ts";
import { type CompiledPolicy, compilePolicy } from "./identity/compile.ts";
import { deniedMessage } from "./identity/denied-message.ts";
import { evaluate, reasonOf } from "./identity/evaluate.ts";
import type { AccessDecision, PolicyDocument } from "./identity/identity.ts";
import { checkPolicy } from "./identity/policy.ts";
import type { Subject } from "./identity/principal.ts";
import { model } from "./services/codepipeline/model.generated.ts";
import { inputProblem } from "./wire/service.ts";

export type { AccessDecision, PolicyDocument, PolicyStatement } from "./identity/identity.ts";
export { type CheckedPolicy, checkPolicy, type PolicyKind } from "./identity/policy.ts";

/** A role, with the policies that say what it may do. */
export interface CheckedRole {
  readonly arn: string;
  readonly policies: readonly PolicyDocument[];
}

/** Who asks: a session of a role, or a service of AWS on its own behalf. */
export type Asking = { readonly role: CheckedRole } | { readonly service: string; readonly account: string };

export interface AccessQuestion {
  readonly asking: Asking;
  /** Such as `s3:GetObject`. */
  readonly action: string;
  /** The resource's ARN; `*` for an operation that has no resource type. */
  readonly resource: string;
  /** Twelve digits. A bucket's ARN does not tell whose it is. */
  readonly resourceAccount: string;
  /** A bucket's or key's own policy, or a role's trust. */
  readonly resourcePolicy?: PolicyDocument;
  /** Condition keys by their full names. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** Decides as the server would with these policies and no others. Pure. */
export function decideAccess(question: AccessQuestion): AccessDecision {
  const { asking, action, resource, resourceAccount, resourcePolicy, context = {} } = question;
  const subject = subjectOf(asking);
  const known = Object.fromEntries(
    Object.entries({ ...keysOf(asking), ...context }).map(([key, value]) => [key.toLowerCase(), value]),
  );
  const verdict = evaluate({
    subject,
    action,
    resource,
    resourceAccount,
    identityPolicies: "role" in asking ? asking.role.policies.map(compilePolicy) : NOTHING,
    resourcePolicy: resourcePolicy && compilePolicy(resourcePolicy),
    keys: (name) => known[name],
  });
  if (verdict.allowed) return verdict;
  return {
    allowed: false,
    message: deniedMessage({ arn: subject.arn, action, resource }, verdict),
    reason: reasonOf(verdict),
  };
}

const NOTHING: readonly CompiledPolicy[] = [];

function subjectOf(asking: Asking): Subject {
  if ("service" in asking) return { type: "service", arn: asking.service, account: asking.account };
  return asCaller(asking.role.arn, "check");
}

/** Condition keys that every request has. Source: IAM user guide, "Global condition context keys". */
function keysOf(asking: Asking): Record<string, string> {
  const always = { "aws:SecureTransport": "true", "aws:CurrentTime": new Date().toISOString() };
  if ("service" in asking) return { ...always, "aws:PrincipalIsAWSService": "true" };
  const { arn } = asking.role;
  return {
    ...always,
    "aws:PrincipalArn": arn,
    "aws:PrincipalAccount": accountOfArn(arn),
    "aws:PrincipalType": "AssumedRole",
  };
}

/** Reads a policy as IAM would take it; answers IAM's text for one that it would not. */
export function readPolicy(document: object, kind: Parameters<typeof checkPolicy>[1]) {
  return checkPolicy(JSON.stringify(document), kind);
}

/** What CreatePipeline says of a declaration that breaks the model's constraints; nothing if it breaks none. */
export function declarationProblem(pipeline: object): { readonly code: string; readonly message: string } | undefined {
  return inputProblem(model, "CreatePipeline", { pipeline });
}

/** Whether an action of this type does something here; else it fails when it is its turn, and says so. */
export function isRunHere({
  category,
  owner,
  provider,
}: {
  readonly category: string;
  readonly owner: string;
  readonly provider: string;
}): boolean {
  const types: readonly string[] = RUN_TYPES;
  return owner !== "AWS" || types.includes(`${category}/${owner}/${provider}`); // the others are their workers' work
}
