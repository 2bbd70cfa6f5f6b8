import { listRolePolicies } from "../../store/role.ts";
import { operation } from "../../wire/operation.ts";
import { accessToRole, type Iam, type Input, type Output, requireRole } from "./context.ts";
import { fromMarker, PAGE_ITEMS_DEFAULT, toPage } from "./paging.ts";

/** Names AWS's policies that a role has. Errors: `NoSuchEntity`. Source: IAM API reference, ListAttachedRolePolicies. */
export const listAttachedRolePolicies = operation<
  Iam,
  Input<"ListAttachedRolePolicies">,
  Output<"ListAttachedRolePolicies">
>({
  name: "ListAttachedRolePolicies",
  access: ({ RoleName }, iam, call) => accessToRole("iam:ListAttachedRolePolicies", RoleName, iam, call),
  async run({ RoleName, PathPrefix = "/", Marker, MaxItems = PAGE_ITEMS_DEFAULT }, { store }, call) {
    const { arn: role_arn } = await requireRole(store.read, RoleName, call);
    const after = fromMarker(Marker);
    const arns = (await store.read.all(listRolePolicies, { role_arn }))
      .filter(({ kind, name }) => kind === "managed" && name > after && pathOf(name).startsWith(PathPrefix))
      .map(({ name }) => name);
    const { items, ...rest } = toPage(arns, MaxItems, (arn) => arn);
    return {
      AttachedPolicies: items.map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf("/") + 1), PolicyArn: arn })),
      ...rest,
    };
  },
});

/** The path of `arn:aws:iam::aws:policy/service-role/Name` is `/service-role/`. */
function pathOf(arn: string): string {
  return arn.slice(arn.indexOf("/"), arn.lastIndexOf("/") + 1);
}
