import { randomBase32 } from "../../identity/sessions.ts";
import { findRole, insertRole, type RoleTable } from "../../store/role.ts";
import { operation } from "../../wire/operation.ts";
import { type Iam, type Input, type Output, roleArn } from "./context.ts";
import { limitExceeded, notSupported, requirePolicy, roleAlreadyExists } from "./errors.ts";
import { countedLength, SESSION_SECONDS_DEFAULT, TRUST_POLICY_CHARS_MAX } from "./limits.ts";
import { toRole } from "./role-shape.ts";

/**
 * Makes a role. It may do nothing until it is given policies.
 *
 * Errors: `EntityAlreadyExists`, `MalformedPolicyDocument`, `LimitExceeded`; `InvalidInput` for a permissions boundary.
 * Source: IAM API reference, CreateRole.
 */
export const createRole = operation<Iam, Input<"CreateRole">, Output<"CreateRole">>({
  name: "CreateRole",
  access: ({ Path = "/", RoleName }, _, { principal }) => [
    { action: "iam:CreateRole", resource: roleArn(principal.account, Path, RoleName) },
  ],
  async run(input, { store, identity }, { now, principal }) {
    requireTrustPolicy(input.AssumeRolePolicyDocument);
    // A boundary that is silently without effect would allow what its author forbade.
    if (input.PermissionsBoundary !== undefined) throw notSupported("PermissionsBoundary");
    const row = toRow(input, principal.account, now);
    await store.transact(async (tx) => {
      if (await tx.first(findRole, row)) throw roleAlreadyExists(row.name);
      await tx.run(insertRole, row);
    });
    identity.roleChanged(row.arn);
    return { Role: toRole(row) };
  },
});

function requireTrustPolicy(document: string): void {
  requirePolicy(document, "trust");
  if (countedLength(document) <= TRUST_POLICY_CHARS_MAX) return;
  throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${TRUST_POLICY_CHARS_MAX}`);
}

function toRow(input: Input<"CreateRole">, account: string, now: number): RoleTable {
  const { Path: path = "/", RoleName: name } = input;
  return {
    account,
    name,
    path,
    id: `AROA${randomBase32(17)}`,
    arn: roleArn(account, path, name),
    trust_policy: input.AssumeRolePolicyDocument,
    description: input.Description ?? null,
    max_session_seconds: input.MaxSessionDuration ?? SESSION_SECONDS_DEFAULT,
    tags: JSON.stringify(input.Tags ?? []),
    created_at: Math.floor(now / 1000) * 1000,
  };
}
