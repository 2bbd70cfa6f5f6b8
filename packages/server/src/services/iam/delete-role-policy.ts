import { deleteRolePolicy as deleteRolePolicyRow } from "../../store/role.ts";
import { operation } from "../../wire/operation.ts";
import { accessToRole, changeRole, type Iam, type Input, type Output } from "./context.ts";
import { noSuchRolePolicy } from "./errors.ts";

/** Takes a policy of its own from a role. Errors: `NoSuchEntity`. Source: IAM API reference, DeleteRolePolicy. */
export const deleteRolePolicy = operation<Iam, Input<"DeleteRolePolicy">, Output<"DeleteRolePolicy">>({
  name: "DeleteRolePolicy",
  access: ({ RoleName }, iam, call) => accessToRole("iam:DeleteRolePolicy", RoleName, iam, call),
  async run({ RoleName, PolicyName }, iam, call) {
    await changeRole(RoleName, iam, call, async (tx, role) => {
      const deleted = await tx.run(deleteRolePolicyRow, { role_arn: role.arn, kind: "inline", name: PolicyName });
      if (deleted === 0) throw noSuchRolePolicy(PolicyName);
    });
    return {};
  },
});
