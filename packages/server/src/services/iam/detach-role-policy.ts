import { deleteRolePolicy } from "../../store/role.ts";
import { operation } from "../../wire/operation.ts";
import { accessToRole, changeRole, type Iam, type Input, type Output } from "./context.ts";
import { policyNotAttached } from "./errors.ts";

/** Takes one of AWS's policies from a role. Errors: `NoSuchEntity`. Source: IAM API reference, DetachRolePolicy. */
export const detachRolePolicy = operation<Iam, Input<"DetachRolePolicy">, Output<"DetachRolePolicy">>({
  name: "DetachRolePolicy",
  access: async ({ RoleName, PolicyArn }, iam, call) =>
    (await accessToRole("iam:DetachRolePolicy", RoleName, iam, call)).map((access) => ({
      ...access,
      context: { "iam:PolicyARN": PolicyArn },
    })),
  async run({ RoleName, PolicyArn }, iam, call) {
    await changeRole(RoleName, iam, call, async (tx, role) => {
      const deleted = await tx.run(deleteRolePolicy, { role_arn: role.arn, kind: "managed", name: PolicyArn });
      if (deleted === 0) throw policyNotAttached(PolicyArn);
    });
    return {};
  },
});
