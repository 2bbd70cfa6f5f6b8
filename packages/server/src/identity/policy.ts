import { InvariantError } from "../wire/error.ts";
import { isConditionOperator } from "./condition.ts";
import type { PolicyDocument, PolicyStatement } from "./identity.ts";

/**
 * Where a policy stands decides what it must and must not have: a trust policy has principals and no
 * resources, a policy of a bucket or a key has both, all others have resources and no principals.
 */
export type PolicyKind = "identity" | "session" | "trust" | "resource";

/** A document that can be used, or IAM's text for what is wrong with it. */
export type CheckedPolicy =
  | { readonly ok: true; readonly document: PolicyDocument }
  | { readonly ok: false; readonly problem: string };

/** IAM's own word for whatever its grammar does not allow. */
const SYNTAX = "Syntax errors in policy.";
const VERSIONS = ["2012-10-17", "2008-10-17"];
const DOCUMENT_ELEMENTS = new Set(["Version", "Id", "Statement"]);
const STATEMENT_ELEMENTS = new Set(
  "Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition".split(" "),
);
const PRINCIPAL_TYPES = new Set(["AWS", "Service", "Federated", "CanonicalUser"]);

/**
 * Reads and checks a policy document. A single statement may stand without its list, as IAM allows.
 *
 * Source: texts as IAM gives them in `MalformedPolicyDocument`; where several rules are broken, which one
 * is named first is our choice.
 */
export function checkPolicy(text: string, kind: PolicyKind): CheckedPolicy {
  const json = parseJson(text);
  if (json === undefined) {
    return { ok: false, problem: kind === "trust" ? "This policy contains invalid Json" : SYNTAX };
  }
  if (!isRecord(json) || !hasOnly(json, DOCUMENT_ELEMENTS)) return { ok: false, problem: SYNTAX };
  const { Version: version = "2008-10-17", Id: id, Statement: listed } = json;
  if (typeof version !== "string" || (id !== undefined && typeof id !== "string")) {
    return { ok: false, problem: SYNTAX };
  }
  if (!VERSIONS.includes(version)) return { ok: false, problem: "The policy failed legacy parsing" };
  const statements: readonly unknown[] = Array.isArray(listed) ? listed : listed === undefined ? [] : [listed];
  if (statements.length === 0) return { ok: false, problem: SYNTAX };
  const problem = firstProblem(statements, kind);
  if (problem) return { ok: false, problem };
  // Every statement was just checked element by element.
  return { ok: true, document: { ...json, Version: version, Statement: statements as readonly PolicyStatement[] } };
}

/** How many parsed documents are kept, the oldest going first. One is a few kilobytes. */
const POLICIES_CACHED_MAX = 500;
const parsed = new Map<string, PolicyDocument>();

/**
 * The document of a text that was checked before it was stored. The same text gives the same object, so
 * that it is compiled only once.
 */
export function storedPolicy(text: string, kind: PolicyKind): PolicyDocument {
  const known = parsed.get(text);
  if (known) return known;
  const checked = checkPolicy(text, kind);
  if (!checked.ok) throw new InvariantError(`A stored policy is not valid: ${checked.problem}`);
  parsed.set(text, checked.document);
  const [oldest] = parsed.keys();
  if (parsed.size > POLICIES_CACHED_MAX && oldest !== undefined) parsed.delete(oldest);
  return checked.document;
}

function firstProblem(statements: readonly unknown[], kind: PolicyKind): string | undefined {
  const sids = new Set<string>();
  for (const statement of statements) {
    const problem = statementProblem(statement, kind);
    if (problem) return problem;
    // The statement's check has seen that a Sid is a string.
    const sid = (statement as PolicyStatement).Sid;
    if (sid !== undefined && sids.has(sid)) return "Statement IDs (SID) in a single policy must be unique.";
    if (sid) sids.add(sid);
  }
  return undefined;
}

function statementProblem(statement: unknown, kind: PolicyKind): string | undefined {
  if (!isRecord(statement) || !hasOnly(statement, STATEMENT_ELEMENTS)) return SYNTAX;
  if (statement["Effect"] !== "Allow" && statement["Effect"] !== "Deny") return SYNTAX;
  if (statement["Sid"] !== undefined && typeof statement["Sid"] !== "string") return SYNTAX;
  return (
    actionProblem(statement, kind) ??
    principalProblem(statement, kind) ??
    resourceProblem(statement, kind) ??
    conditionProblem(statement["Condition"])
  );
}

function actionProblem(statement: Record<string, unknown>, kind: PolicyKind): string | undefined {
  const actions = oneOf(statement, "Action", "NotAction");
  if (actions === "both") return SYNTAX;
  if (actions === "none") return "Policy statement must contain actions.";
  for (const action of actions) {
    if (action === "*") continue;
    const colon = action.indexOf(":");
    if (colon < 0) return "Actions/Conditions must be prefixed by a vendor, e.g., iam, sdb, ec2, etc.";
    const vendor = action.slice(0, colon);
    if (!/^[A-Za-z0-9-]+$/.test(vendor)) return `Vendor ${vendor} is not valid`;
    if (!/^[A-Za-z0-9*?_-]+$/.test(action.slice(colon + 1))) return SYNTAX;
    if (kind === "trust" && vendor.toLowerCase() !== "sts") {
      return "AssumeRole policy may only specify STS AssumeRole actions.";
    }
  }
  return undefined;
}

function principalProblem(statement: Record<string, unknown>, kind: PolicyKind): string | undefined {
  const principals = [statement["Principal"], statement["NotPrincipal"]].filter((each) => each !== undefined);
  if (kind === "identity" || kind === "session") {
    return principals.length > 0 ? "Policy document should not specify a principal." : undefined;
  }
  if (principals.length === 0) return "Missing required field Principal";
  if (principals.length === 2) return SYNTAX;
  const principal = principals[0];
  if (principal === "*") return undefined;
  if (!isRecord(principal) || Object.keys(principal).length === 0) return SYNTAX;
  for (const [type, names] of Object.entries(principal)) {
    const list = toTexts(names);
    if (!PRINCIPAL_TYPES.has(type) || !list) return SYNTAX;
    const wrong = list.find((name) => !isPrincipalName(type, name));
    if (wrong !== undefined) return `Invalid principal in policy: "${type}":"${wrong}"`;
  }
  return undefined;
}

/** IAM takes `*` or a whole name; a name with wildcards in it is no principal. */
function isPrincipalName(type: string, name: string): boolean {
  if (name === "*") return true;
  if (type === "AWS") {
    return (
      /^\d{12}$/.test(name) || /^arn:aws[a-z-]*:(iam|sts)::\d{12}:[^*?]+$/.test(name) || /^A[A-Z0-9]{15,}$/.test(name)
    );
  }
  return type === "Service" ? /^[a-z0-9.-]+\.[a-z.]+$/.test(name) : name !== "";
}

function resourceProblem(statement: Record<string, unknown>, kind: PolicyKind): string | undefined {
  const resources = oneOf(statement, "Resource", "NotResource");
  if (kind === "trust") return resources === "none" ? undefined : "Has prohibited field Resource";
  if (resources === "both") return SYNTAX;
  if (resources === "none") return "Policy statement must contain resources.";
  for (const resource of resources) {
    if (resource === "*") continue;
    // A variable may stand for the whole ARN or for its end.
    if (!/^(arn|\*|\$\{)/.test(resource)) return `Resource ${resource} must be in ARN format or "*".`;
    if (resource.startsWith("arn") && !/^arn:[^:]*:[^:]*:[^:]*:[^:]*:.+|^arn:.*\*/s.test(resource)) {
      return "The policy failed legacy parsing";
    }
  }
  return undefined;
}

function conditionProblem(condition: unknown): string | undefined {
  if (condition === undefined) return undefined;
  if (!isRecord(condition)) return SYNTAX;
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isConditionOperator(operator) || !isRecord(keys)) return SYNTAX;
    for (const [key, wanted] of Object.entries(keys)) {
      if (!key.includes(":")) return "Actions/Conditions must be prefixed by a vendor, e.g., iam, sdb, ec2, etc.";
      const values: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
      if (!values.every((value) => ["string", "number", "boolean"].includes(typeof value))) return SYNTAX;
    }
  }
  return undefined;
}

/** The values of one of two elements that exclude each other. */
function oneOf(statement: Record<string, unknown>, name: string, notName: string) {
  const value = statement[name];
  const notValue = statement[notName];
  if (value !== undefined && notValue !== undefined) return "both";
  return toTexts(value ?? notValue) ?? "none";
}

function toTexts(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every((each) => typeof each === "string") ? list : undefined;
}

function hasOnly(record: Record<string, unknown>, names: ReadonlySet<string>): boolean {
  return Object.keys(record).every((name) => names.has(name));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller answers with IAM's text; what JSON.parse says adds nothing for it.
  }
}
