import { managedPolicies } from "../../identity/managed-policies.ts";
import { listRolePolicies, putRolePolicy } from "../../store/role.ts";
import { operation } from "../../wire/operation.ts";
import { accessToRole, changeRole, type Iam, type Input, type Output } from "./context.ts";
import { invalidArn, limitExceeded, noSuchManagedPolicy } from "./errors.ts";
import { ATTACHED_POLICIES_MAX } from "./limits.ts";

/**
 * Attaches one of AWS's policies to a role. Twice is as good as once.
 *
 * Errors: `NoSuchEntity` for the role or the policy, `LimitExceeded`, `ValidationError`.
 * Source: IAM API reference, AttachRolePolicy.
 */
export const attachRolePolicy = operation<Iam, Input<"AttachRolePolicy">, Output<"AttachRolePolicy">>({
  name: "AttachRolePolicy",
  access: async ({ RoleName, PolicyArn }, iam, call) =>
    (await accessToRole("iam:AttachRolePolicy", RoleName, iam, call)).map((access) => ({
      ...access,
      context: { "iam:PolicyARN": PolicyArn },
    })),
  async run({ RoleName, PolicyArn }, iam, call) {
    if (!PolicyArn.startsWith("arn:")) throw invalidArn(PolicyArn);
    await changeRole(RoleName, iam, call, async (tx, { arn: role_arn }) => {
      if (!managedPolicies.has(PolicyArn)) throw noSuchManagedPolicy(PolicyArn);
      await tx.run(putRolePolicy, { role_arn, kind: "managed", name: PolicyArn, document: null });
      const attached = (await tx.all(listRolePolicies, { role_arn })).filter(({ kind }) => kind === "managed");
      if (attached.length > ATTACHED_POLICIES_MAX) {
        throw limitExceeded(`Cannot exceed quota for PoliciesPerRole: ${ATTACHED_POLICIES_MAX}`);
      }
    });
    return {};
  },
});
