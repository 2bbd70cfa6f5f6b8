import { type Check, compileCondition } from "./condition.ts";
import type { PolicyDocument, PolicyStatement } from "./identity.ts";
import { compilePrincipals, type PrincipalMatch } from "./principal.ts";
import { type ConditionKeys, compilePattern, fill, matches, type Pattern } from "./wildcard.ts";

/** A policy document in the form that decisions are made with. */
export type CompiledPolicy = readonly Rule[];

/** One statement. */
export interface Rule {
  readonly effect: "Allow" | "Deny";
  /** Takes an action in lower case, because IAM does not tell case apart there. */
  readonly coversAction: (actionLower: string) => boolean;
  readonly coversResource: (resource: string, keys: ConditionKeys) => boolean;
  /** Only in policies of resources. */
  readonly principals: PrincipalMatch | undefined;
  readonly conditions: readonly Check[];
}

/** Documents are never changed once parsed, so each is compiled once for as long as somebody holds it. */
const compiled = new WeakMap<PolicyDocument, CompiledPolicy>();

/** Compiles a document that `checkPolicy` has accepted, or that is our own. */
export function compilePolicy(document: PolicyDocument): CompiledPolicy {
  let policy = compiled.get(document);
  if (!policy) {
    const variables = document.Version === "2012-10-17";
    policy = document.Statement.map((statement) => compileStatement(statement, variables));
    compiled.set(document, policy);
  }
  return policy;
}

function compileStatement(statement: PolicyStatement, variables: boolean): Rule {
  return {
    effect: statement.Effect,
    coversAction: compileActions(statement),
    coversResource: compileResources(statement, variables),
    principals: compilePrincipals(statement),
    conditions: Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, wanted]) => compileCondition(operator, key, wanted, variables)),
    ),
  };
}

function compileActions({ Action, NotAction }: PolicyStatement): Rule["coversAction"] {
  const names = toList(Action ?? NotAction).map((name) => name.toLowerCase());
  const exact = new Set(names.filter((name) => !/[*?]/.test(name)));
  const open = names
    .filter((name) => /[*?]/.test(name))
    .map((name) => String(compilePattern(name, { variables: false, wildcards: true })));
  const listed = (action: string) => exact.has(action) || open.some((pattern) => matches(pattern, action));
  return Action === undefined ? (action) => !listed(action) : listed;
}

function compileResources(
  { Effect, Resource, NotResource }: PolicyStatement,
  variables: boolean,
): Rule["coversResource"] {
  // A trust policy has no resource: it speaks of its own role.
  if (Resource === undefined && NotResource === undefined) return () => true;
  const texts = toList(Resource ?? NotResource);
  if (Resource !== undefined && texts.includes("*")) return () => true;
  const patterns = texts.map((text) => compilePattern(text, { variables, wildcards: true }));
  // A variable without a value matches nothing; where that would widen an allow, it matches everything.
  const unfilled = Resource === undefined && Effect === "Allow";
  const listed = (resource: string, keys: ConditionKeys) =>
    patterns.some((pattern) => covers(pattern, resource, keys, unfilled));
  return Resource === undefined ? (resource, keys) => !listed(resource, keys) : listed;
}

function covers(pattern: Pattern, resource: string, keys: ConditionKeys, unfilled: boolean): boolean {
  const filled = fill(pattern, keys);
  return filled === undefined ? unfilled : matches(filled, resource);
}

function toList(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}
