import { ACTION_TYPES } from "@penstock/pipeline";
import { actionTypeName, usableRows } from "../../engine/registered-types.ts";
import { onAnything } from "./access.ts";
import { shownCatalogueType, shownType } from "./action-type.ts";
import { served } from "./context.ts";
import { fromNextToken, PAGE_COUNT_DEFAULT, toNextToken, toPage } from "./page.ts";

/**
 * Lists action types by owner, category, provider and version: those of the service, as far as they are known, and
 * those that are registered in the region and that the account may use.
 *
 * Errors: `InvalidNextTokenException`. Source: reference §2; the order and the size of a page are our choice.
 */
export const listActionTypes = served({
  name: "ListActionTypes",
  access: () => onAnything("ListActionTypes"),
  async run({ actionOwnerFilter, regionFilter, nextToken }, { store }, { principal, region }) {
    const after = fromNextToken("actionTypes", nextToken, "");
    const rows = await usableRows(store.read, { account: principal.account, region: regionFilter ?? region });
    const all = [...ACTION_TYPES.map(shownCatalogueType), ...rows.map(shownType)]
      .filter(({ id }) => actionOwnerFilter === undefined || id.owner === actionOwnerFilter)
      .map((actionType) => ({ actionType, name: actionTypeName(actionType.id) }))
      .filter(({ name }) => name > after)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const { page, next } = toPage(all, PAGE_COUNT_DEFAULT, ({ name }) => toNextToken("actionTypes", name));
    return { actionTypes: page.map(({ actionType }) => actionType), ...next };
  },
});
