import { listRoles as listRolesAfter, type RoleTable } from "../../store/role.ts";
import type { Reader } from "../../store/store.ts";
import { operation } from "../../wire/operation.ts";
import type { Iam, Input, Output } from "./context.ts";
import { fromMarker, PAGE_ITEMS_DEFAULT, toPage } from "./paging.ts";
import { toListedRole } from "./role-shape.ts";

/** Lists roles by name. Errors: `ValidationError` for a marker that is none. Source: IAM API reference, ListRoles. */
export const listRoles = operation<Iam, Input<"ListRoles">, Output<"ListRoles">>({
  name: "ListRoles",
  access: ({ PathPrefix = "/" }, _, { principal }) => [
    { action: "iam:ListRoles", resource: `arn:aws:iam::${principal.account}:role${PathPrefix}` },
  ],
  async run({ PathPrefix = "/", Marker, MaxItems = PAGE_ITEMS_DEFAULT }, { store }, { principal }) {
    const search = { account: principal.account, prefix: PathPrefix, from: fromMarker(Marker), wanted: MaxItems + 1 };
    const rows = await rolesUnder(store.read, search);
    const { items, ...rest } = toPage(rows, MaxItems, (role) => role.name);
    return { Roles: items.map(toListedRole), ...rest };
  },
});

interface Search {
  readonly account: string;
  readonly prefix: string;
  readonly from: string;
  readonly wanted: number;
}

/** Reads on until it has enough; every round starts after the last name, so it ends with the roles. */
async function rolesUnder(reader: Reader, { account, prefix, from, wanted }: Search): Promise<readonly RoleTable[]> {
  const found: RoleTable[] = [];
  let after: string | undefined = from;
  while (after !== undefined && found.length < wanted) {
    const rows: readonly RoleTable[] = await reader.all(listRolesAfter, { account, after, limit: wanted });
    found.push(...rows.filter((role) => role.path.startsWith(prefix)));
    after = rows.length === wanted ? rows.at(-1)?.name : undefined;
  }
  return found.slice(0, wanted);
}
