/** The roles of a project as decisions need them: declared ones as they are, others as `penstock run` would make them. */
import { type CheckedRole, type PolicyDocument, type PolicyKind, readPolicy } from "@penstock/server/checks";
import { type UsedRole, usedRoles } from "../project/deploy-roles.ts";
import type { PolicyText, Project } from "../project/project.ts";
import type { Path } from "../project/source-text.ts";
import type { Finding } from "./finding.ts";

export interface KnownRole extends CheckedRole {
  readonly name: string;
  readonly isDeclared: boolean;
  /** Absent when the declared one is no policy. */
  readonly trust?: PolicyDocument;
}

/** Every policy of a project, read once. */
export interface Policies {
  /** By name or ARN. */
  roleOf(arnOrName: string): KnownRole | undefined;
  bucketPolicy(bucket: string): PolicyDocument | undefined;
  keyPolicy(alias: string): PolicyDocument | undefined;
  /** What IAM would refuse of them. */
  readonly findings: readonly Finding[];
}

/** Reads all policies. One that IAM would refuse becomes a finding, and decides nothing. */
export function readPolicies(project: Project): Policies {
  const findings: Finding[] = [];
  const read = (document: PolicyText | undefined, kind: PolicyKind, what: string, path: Path) => {
    if (!document) return undefined;
    const checked = readPolicy(document, kind);
    if (checked.ok) return checked.document;
    findings.push({
      severity: "error",
      check: "policyDocument",
      message: `${what} is no policy that IAM takes: ${checked.problem}`,
      remedy: "Correct the document; the text above is IAM's own.",
      at: { file: "penstock", path },
    });
    return undefined;
  };
  const roles = new Map(
    [...usedRoles(project).values()].map((used): [string, KnownRole] => [used.name, readRole(project, used, read)]),
  );
  const buckets = readEach(project.buckets, (name, policy) =>
    read(policy, "resource", `the policy of bucket ${name}`, ["buckets", name, "policy"]),
  );
  const keys = readEach(project.keys ?? {}, (name, policy) =>
    read(policy, "resource", `the policy of key ${name}`, ["keys", name, "policy"]),
  );
  return {
    roleOf: (arnOrName) => roles.get(arnOrName.slice(arnOrName.lastIndexOf("/") + 1)),
    bucketPolicy: (bucket) => buckets.get(bucket),
    keyPolicy: (alias) => keys.get(alias),
    findings,
  };
}

type Read = (
  document: PolicyText | undefined,
  kind: PolicyKind,
  what: string,
  path: Path,
) => PolicyDocument | undefined;

function readRole(project: Project, used: UsedRole, read: Read): KnownRole {
  const { name, path, account } = used;
  const declared = project.roles[name];
  const texts = declared ? declared.policies : { "penstock-made-up": used.policy };
  const policies = Object.entries(texts).flatMap(
    ([policy, text]) =>
      read(text, "identity", `policy ${policy} of role ${name}`, ["roles", name, "policies", policy]) ?? [],
  );
  const trust = read(declared?.trust ?? used.trust, "trust", `the trust of role ${name}`, ["roles", name, "trust"]);
  const arn = `arn:aws:iam::${account}:role${path}${name}`;
  return { name, arn, policies, isDeclared: declared !== undefined, ...(trust ? { trust } : {}) };
}

function readEach(
  declared: Readonly<Record<string, { readonly policy?: PolicyText }>>,
  read: (name: string, policy: PolicyText | undefined) => PolicyDocument | undefined,
): ReadonlyMap<string, PolicyDocument> {
  return new Map(
    Object.entries(declared).flatMap(([name, { policy }]) => {
      const document = read(name, policy);
      return document ? [[name, document] as const] : [];
    }),
  );
}
