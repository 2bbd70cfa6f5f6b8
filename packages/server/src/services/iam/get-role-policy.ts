import { findRolePolicy } from "../../store/role.ts";
import { operation } from "../../wire/operation.ts";
import { accessToRole, type Iam, type Input, type Output, requireRole } from "./context.ts";
import { noSuchRolePolicy } from "./errors.ts";
import { encodeDocument } from "./role-shape.ts";

/** Shows a policy of a role's own. Errors: `NoSuchEntity`. Source: IAM API reference, GetRolePolicy. */
export const getRolePolicy = operation<Iam, Input<"GetRolePolicy">, Output<"GetRolePolicy">>({
  name: "GetRolePolicy",
  access: ({ RoleName }, iam, call) => accessToRole("iam:GetRolePolicy", RoleName, iam, call),
  async run({ RoleName, PolicyName }, { store }, call) {
    const { arn: role_arn } = await requireRole(store.read, RoleName, call);
    const key = { role_arn, kind: "inline", name: PolicyName } as const;
    const policy = await store.read.first(findRolePolicy, key);
    if (!policy) throw noSuchRolePolicy(PolicyName);
    return { RoleName, PolicyName, PolicyDocument: encodeDocument(policy.document ?? "") };
  },
});
