import type { Identity } from "../../identity/identity.ts";
import { findRole, type RoleTable } from "../../store/role.ts";
import type { Reader, Store, Tx } from "../../store/store.ts";
import type { Access, Call } from "../../wire/operation.ts";
import { noSuchRole } from "./errors.ts";
import type { Operations } from "./shapes.generated.ts";

/** What IAM's operations work with. */
export interface Iam {
  readonly store: Store;
  readonly identity: Identity;
}

export type Input<Name extends keyof Operations> = Operations[Name]["input"];
export type Output<Name extends keyof Operations> = Operations[Name]["output"];

/** The ARN that a role of this name and path has. */
export function roleArn(account: string, path: string, name: string): string {
  return `arn:aws:iam::${account}:role${path}${name}`;
}

/** What an operation on one role needs to be allowed. A role that is not there has no path. */
export async function accessToRole(
  action: string,
  name: string,
  { store }: Iam,
  { principal: { account } }: Call,
): Promise<readonly Access[]> {
  const role = await store.read.first(findRole, { account, name });
  return [{ action, resource: role?.arn ?? roleArn(account, "/", name) }];
}

/** A role of the caller's account. Errors: `NoSuchEntity`. */
export async function requireRole(reader: Reader, name: string, { principal }: Call): Promise<RoleTable> {
  const role = await reader.first(findRole, { account: principal.account, name });
  if (!role) throw noSuchRole(name);
  return role;
}

/** Changes one role, and makes the change count from the next request on. */
export async function changeRole(
  name: string,
  { store, identity }: Iam,
  call: Call,
  change: (tx: Tx, role: RoleTable) => Promise<unknown>,
): Promise<void> {
  const role = await store.transact(async (tx) => {
    const found = await requireRole(tx, name, call);
    await change(tx, found);
    return found;
  });
  identity.roleChanged(role.arn);
}
