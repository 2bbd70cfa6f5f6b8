import { setRole } from "../../store/role.ts";
import { operation } from "../../wire/operation.ts";
import { accessToRole, changeRole, type Iam, type Input, type Output } from "./context.ts";
import { limitExceeded, requirePolicy } from "./errors.ts";
import { countedLength, TRUST_POLICY_CHARS_MAX } from "./limits.ts";

/**
 * Changes who may assume a role.
 *
 * Errors: `NoSuchEntity`, `MalformedPolicyDocument`, `LimitExceeded`. Source: IAM API reference, UpdateAssumeRolePolicy.
 */
export const updateAssumeRolePolicy = operation<Iam, Input<"UpdateAssumeRolePolicy">, Output<"UpdateAssumeRolePolicy">>(
  {
    name: "UpdateAssumeRolePolicy",
    access: ({ RoleName }, iam, call) => accessToRole("iam:UpdateAssumeRolePolicy", RoleName, iam, call),
    async run({ RoleName, PolicyDocument }, iam, call) {
      requirePolicy(PolicyDocument, "trust");
      if (countedLength(PolicyDocument) > TRUST_POLICY_CHARS_MAX) {
        throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${TRUST_POLICY_CHARS_MAX}`);
      }
      await changeRole(RoleName, iam, call, (tx, role) => tx.run(setRole, { ...role, trust_policy: PolicyDocument }));
      return {};
    },
  },
);
