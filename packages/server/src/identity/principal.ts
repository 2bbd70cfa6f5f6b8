import type { Caller, PolicyStatement } from "./identity.ts";

/** Who asks: a caller of the API, or a service of AWS on its own behalf, as when CodePipeline assumes a role. */
export type Subject = Caller | ServiceSubject;

export interface ServiceSubject {
  readonly type: "service";
  /** Such as `codepipeline.amazonaws.com`. */
  readonly arn: string;
  readonly account: string;
}

/**
 * How closely a resource's policy names somebody. `account` only lets the account's own policies decide;
 * `role` (and `*`) grants, within what a session policy leaves; `exact` grants whatever the session policy says.
 *
 * Source: IAM user guide, "Policy evaluation logic", principals in resource-based policies.
 */
export type Naming = "none" | "account" | "role" | "exact";

/** Answers how a statement names a subject; a statement that does not apply to it answers `none`. */
export type PrincipalMatch = (subject: Subject) => Naming;

const CLOSENESS: readonly Naming[] = ["none", "account", "role", "exact"];

/** Of two ways to be named, the closer one. */
export function closer(a: Naming, b: Naming): Naming {
  return CLOSENESS.indexOf(a) > CLOSENESS.indexOf(b) ? a : b;
}

/** Compiles `Principal` or `NotPrincipal`; nothing for a statement with neither. */
export function compilePrincipals({ Principal, NotPrincipal }: PolicyStatement): PrincipalMatch | undefined {
  if (Principal !== undefined) return compileListed(Principal);
  if (NotPrincipal === undefined) return undefined;
  const listed = compileListed(NotPrincipal);
  // One of its names is enough to be excepted. Source: our choice; AWS wants session, role and account all listed.
  return (subject) => (listed(subject) === "none" ? "role" : "none");
}

function compileListed(principal: NonNullable<PolicyStatement["Principal"]>): PrincipalMatch {
  if (principal === "*") return () => "role";
  const accounts = new Set(toList(principal["AWS"]).map(accountOf));
  const names = new Set(toList(principal["AWS"]));
  const services = new Set(toList(principal["Service"]));
  return (subject) => {
    if (subject.type === "service") return services.has(subject.arn) ? "exact" : "none";
    if (names.has(subject.arn)) return "exact";
    if (names.has("*") || (subject.type === "session" && names.has(subject.roleArn))) return "role";
    return accounts.has(subject.account) ? "account" : "none";
  };
}

/** `123456789012` and `arn:aws:iam::123456789012:root` both mean the account. */
function accountOf(name: string): string | undefined {
  if (/^\d{12}$/.test(name)) return name;
  return /^arn:[^:]*:iam::(\d{12}):root$/.exec(name)?.[1];
}

function toList(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}
