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
  access: ({ RoleName }, iam) => accessToRole("iam:DeleteRole", RoleName, iam),
  async run({ RoleName }, iam) {
    await changeRole(RoleName, iam, async (tx, { name }) => {
      const kinds = (await tx.all(listRolePolicies, { role_name: name })).map((policy) => policy.kind);
      if (kinds.includes("managed")) throw deleteConflict("Cannot delete entity, must detach all policies first.");
      if (kinds.includes("inline")) throw deleteConflict("Cannot delete entity, must delete policies first.");
      await tx.run(deleteRoleRow, { name });
    });
    return {};
  },
});
