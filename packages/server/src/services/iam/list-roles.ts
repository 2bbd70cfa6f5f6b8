import { listRoles as listRolesAfter, type RoleTable } from "../../store/role.ts";
import type { Reader } from "../../store/store.ts";
import { operation } from "../../wire/operation.ts";
import type { Iam, Input, Output } from "./context.ts";
import { fromMarker, PAGE_ITEMS_DEFAULT, toPage } from "./paging.ts";
import { toListedRole } from "./role-shape.ts";

/** Lists roles by name. Errors: `ValidationError` for a marker that is none. Source: IAM API reference, ListRoles. */
export const listRoles = operation<Iam, Input<"ListRoles">, Output<"ListRoles">>({
  name: "ListRoles",
  access: ({ PathPrefix = "/" }, { account }) => [
    { action: "iam:ListRoles", resource: `arn:aws:iam::${account}:role${PathPrefix}` },
  ],
  async run({ PathPrefix = "/", Marker, MaxItems = PAGE_ITEMS_DEFAULT }, { store }) {
    const rows = await rolesUnder(store.read, PathPrefix, fromMarker(Marker), MaxItems + 1);
    const { items, ...rest } = toPage(rows, MaxItems, (role) => role.name);
    return { Roles: items.map(toListedRole), ...rest };
  },
});

/** Reads on until it has enough; every round starts after the last name, so it ends with the roles. */
async function rolesUnder(reader: Reader, prefix: string, from: string, wanted: number): Promise<readonly RoleTable[]> {
  const found: RoleTable[] = [];
  let after: string | undefined = from;
  while (after !== undefined && found.length < wanted) {
    const rows: readonly RoleTable[] = await reader.all(listRolesAfter, { after, limit: wanted });
    found.push(...rows.filter((role) => role.path.startsWith(prefix)));
    after = rows.length === wanted ? rows.at(-1)?.name : undefined;
  }
  return found.slice(0, wanted);
}
