import { setRole } from "../../store/role.ts";
import { operation } from "../../wire/operation.ts";
import { accessToRole, changeRole, type Iam, type Input, type Output } from "./context.ts";

/** Changes a role's description and longest session. Errors: `NoSuchEntity`. Source: IAM API reference, UpdateRole. */
export const updateRole = operation<Iam, Input<"UpdateRole">, Output<"UpdateRole">>({
  name: "UpdateRole",
  access: ({ RoleName }, iam) => accessToRole("iam:UpdateRole", RoleName, iam),
  async run({ RoleName, Description, MaxSessionDuration }, iam) {
    await changeRole(RoleName, iam, (tx, role) =>
      tx.run(setRole, {
        name: role.name,
        trust_policy: role.trust_policy,
        description: Description ?? role.description,
        max_session_seconds: MaxSessionDuration ?? role.max_session_seconds,
      }),
    );
    return {};
  },
});
