import type { Caller } from "../../identity/identity.ts";
import { findRoleByArn } from "../../store/role.ts";
import { type Call, operation } from "../../wire/operation.ts";
import type { Input, Output, Sts } from "./context.ts";

/** Says who signed the request. Nobody needs a permission for it. Source: STS API reference, GetCallerIdentity. */
export const getCallerIdentity = operation<Sts, Input<"GetCallerIdentity">, Output<"GetCallerIdentity">>({
  name: "GetCallerIdentity",
  async run(_input, { store }, { principal }: Call<Caller>) {
    const { account, arn } = principal;
    if (principal.type === "root") return { UserId: account, Account: account, Arn: arn };
    const role = await store.read.first(findRoleByArn, { arn: principal.roleArn });
    // A deleted role's sessions can still ask who they are; only the id of the role is gone.
    return { UserId: `${role?.id ?? "AROA"}:${principal.sessionName}`, Account: account, Arn: arn };
  },
});
