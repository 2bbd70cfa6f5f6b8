import { listRolePolicies as listPolicyRows } from "../../store/role.ts";
import { operation } from "../../wire/operation.ts";
import { accessToRole, type Iam, type Input, type Output, requireRole } from "./context.ts";
import { fromMarker, PAGE_ITEMS_DEFAULT, toPage } from "./paging.ts";

/** Names the policies of a role's own. Errors: `NoSuchEntity`. Source: IAM API reference, ListRolePolicies. */
export const listRolePolicies = operation<Iam, Input<"ListRolePolicies">, Output<"ListRolePolicies">>({
  name: "ListRolePolicies",
  access: ({ RoleName }, iam, call) => accessToRole("iam:ListRolePolicies", RoleName, iam, call),
  async run({ RoleName, Marker, MaxItems = PAGE_ITEMS_DEFAULT }, { store }, call) {
    const { arn: role_arn } = await requireRole(store.read, RoleName, call);
    const after = fromMarker(Marker);
    const policies = await store.read.all(listPolicyRows, { role_arn });
    const names = policies.filter(({ kind, name }) => kind === "inline" && name > after).map(({ name }) => name);
    const { items, ...rest } = toPage(names, MaxItems, (name) => name);
    return { PolicyNames: items, ...rest };
  },
});
