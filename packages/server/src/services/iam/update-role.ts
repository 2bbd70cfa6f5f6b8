import { setRole } from "../../store/role.ts";
import { operation } from "../../wire/operation.ts";
import { accessToRole, changeRole, type Iam, type Input, type Output } from "./context.ts";

/** Changes a role's description and longest session. Errors: `NoSuchEntity`. Source: IAM API reference, UpdateRole. */
export const updateRole = operation<Iam, Input<"UpdateRole">, Output<"UpdateRole">>({
  name: "UpdateRole",
  access: ({ RoleName }, iam, call) => accessToRole("iam:UpdateRole", RoleName, iam, call),
  async run({ RoleName, Description, MaxSessionDuration }, iam, call) {
    await changeRole(RoleName, iam, call, (tx, role) =>
      tx.run(setRole, {
        arn: role.arn,
        trust_policy: role.trust_policy,
        description: Description ?? role.description,
        max_session_seconds: MaxSessionDuration ?? role.max_session_seconds,
      }),
    );
    return {};
  },
});
