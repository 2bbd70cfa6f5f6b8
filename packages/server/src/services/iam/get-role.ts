import { operation } from "../../wire/operation.ts";
import { accessToRole, type Iam, type Input, type Output, requireRole } from "./context.ts";
import { toRole } from "./role-shape.ts";

/** Shows a role with its trust policy. Errors: `NoSuchEntity`. Source: IAM API reference, GetRole. */
export const getRole = operation<Iam, Input<"GetRole">, Output<"GetRole">>({
  name: "GetRole",
  access: ({ RoleName }, iam, call) => accessToRole("iam:GetRole", RoleName, iam, call),
  run: async ({ RoleName }, { store }, call) => ({ Role: toRole(await requireRole(store.read, RoleName, call)) }),
});
