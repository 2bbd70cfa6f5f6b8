import { listRolePolicies, putRolePolicy as putRolePolicyRow } from "../../store/role.ts";
import { operation } from "../../wire/operation.ts";
import { accessToRole, changeRole, type Iam, type Input, type Output } from "./context.ts";
import { limitExceeded, requirePolicy } from "./errors.ts";
import { countedLength, INLINE_POLICY_CHARS_MAX } from "./limits.ts";

/**
 * Gives a role a policy of its own, or replaces the one of that name.
 *
 * Errors: `NoSuchEntity`, `MalformedPolicyDocument`, `LimitExceeded`. Source: IAM API reference, PutRolePolicy.
 */
export const putRolePolicy = operation<Iam, Input<"PutRolePolicy">, Output<"PutRolePolicy">>({
  name: "PutRolePolicy",
  access: ({ RoleName }, iam, call) => accessToRole("iam:PutRolePolicy", RoleName, iam, call),
  async run({ RoleName, PolicyName, PolicyDocument }, iam, call) {
    requirePolicy(PolicyDocument, "identity");
    await changeRole(RoleName, iam, call, async (tx, { arn: role_arn }) => {
      await tx.run(putRolePolicyRow, { role_arn, kind: "inline", name: PolicyName, document: PolicyDocument });
      const policies = await tx.all(listRolePolicies, { role_arn });
      const chars = policies.reduce((sum, policy) => sum + countedLength(policy.document ?? ""), 0);
      if (chars > INLINE_POLICY_CHARS_MAX) {
        throw limitExceeded(`Maximum policy size of ${INLINE_POLICY_CHARS_MAX} bytes exceeded for role ${RoleName}`);
      }
    });
    return {};
  },
});
