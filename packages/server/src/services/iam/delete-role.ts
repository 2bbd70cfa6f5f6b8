import { deleteRole as deleteRoleRow, listRolePolicies } from "../../store/role.ts";
import { operation } from "../../wire/operation.ts";
import { accessToRole, changeRole, type Iam, type Input, type Output } from "./context.ts";
import { deleteConflict } from "./errors.ts";

/**
 * Deletes a role without policies. Its sessions may do nothing from then on.
 *
 * Errors: `NoSuchEntity`, `DeleteConflict`. Source: IAM API reference, DeleteRole.
 */
export const deleteRole = operation<Iam, Input<"DeleteRole">, Output<"DeleteRole">>({
  name: "DeleteRole",
  access: ({ RoleName }, iam, call) => accessToRole("iam:DeleteRole", RoleName, iam, call),
  async run({ RoleName }, iam, call) {
    await changeRole(RoleName, iam, call, async (tx, { arn }) => {
      const kinds = (await tx.all(listRolePolicies, { role_arn: arn })).map((policy) => policy.kind);
      if (kinds.includes("managed")) throw deleteConflict("Cannot delete entity, must detach all policies first.");
      if (kinds.includes("inline")) throw deleteConflict("Cannot delete entity, must delete policies first.");
      await tx.run(deleteRoleRow, { arn });
    });
    return {};
  },
});
