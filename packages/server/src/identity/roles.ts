import { findRoleByArn, listRolePolicies, type RolePolicyTable } from "../store/role.ts";
import type { Reader } from "../store/store.ts";
import { InvariantError } from "../wire/error.ts";
import { type CompiledPolicy, compilePolicy } from "./compile.ts";
import { managedPolicies } from "./managed-policies.ts";
import { storedPolicy } from "./policy.ts";

/** A role as decisions need it. */
export interface Role {
  /** Such as `AROA…`; the first half of `aws:userid`. */
  readonly id: string;
  readonly trust: CompiledPolicy;
  readonly policies: readonly CompiledPolicy[];
}

export interface Roles {
  /** A role that is in memory: what the hot path asks first. `null` is a role known not to exist. */
  cached(arn: string): Role | null | undefined;
  load(arn: string): Promise<Role | null>;
  forget(arn: string): void;
}

/** How many roles are kept, the longest known going first. */
const ROLES_CACHED_MAX = 1_000;

interface Entry {
  readonly loading: Promise<Role | null>;
  role?: Role | null;
}

/** Keeps roles in memory until they change. A role that changes while it loads is not kept. */
export function createRoles(reader: () => Reader): Roles {
  const entries = new Map<string, Entry>();
  return {
    cached: (arn) => entries.get(arn)?.role,
    forget: (arn) => void entries.delete(arn),
    load(arn) {
      const known = entries.get(arn);
      if (known) return known.loading;
      const entry: Entry = { loading: readRole(reader(), arn) };
      entries.set(arn, entry);
      evict(entries);
      entry.loading.then(
        (role) => {
          entry.role = role; // Unseen if the entry was forgotten meanwhile.
        },
        () => {
          if (entries.get(arn) === entry) entries.delete(arn); // The next one tries again; this one is told why.
        },
      );
      return entry.loading;
    },
  };
}

function evict(entries: Map<string, Entry>): void {
  if (entries.size <= ROLES_CACHED_MAX) return;
  const [oldest] = entries.keys();
  if (oldest !== undefined) entries.delete(oldest);
}

async function readRole(reader: Reader, arn: string): Promise<Role | null> {
  const row = await reader.first(findRoleByArn, { arn });
  if (!row) return null;
  const policies = await reader.all(listRolePolicies, { role_arn: row.arn });
  return {
    id: row.id,
    trust: compilePolicy(storedPolicy(row.trust_policy, "trust")),
    policies: policies.map(compileRow),
  };
}

function compileRow({ kind, name, document }: RolePolicyTable): CompiledPolicy {
  if (kind === "inline") return compilePolicy(storedPolicy(document ?? "", "identity"));
  const managed = managedPolicies.get(name);
  if (!managed) throw new InvariantError(`A role has the managed policy ${name}, which does not exist.`);
  return compilePolicy(managed);
}
