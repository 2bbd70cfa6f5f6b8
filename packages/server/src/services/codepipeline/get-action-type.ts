import { findRegistered } from "../../engine/registered-types.ts";
import { onAnything } from "./access.ts";
import { served } from "./context.ts";
import { actionTypeNotFound } from "./errors.ts";
import type { ActionTypeDeclaration } from "./shapes.generated.ts";

/**
 * Answers the action type of a partner as it was registered, to whoever may use it.
 *
 * Errors: `ActionTypeNotFoundException`, also for the service's own types, of which nobody is known to have seen a
 * declaration (`Source: our choice`).
 */
export const getActionType = served({
  name: "GetActionType",
  access: () => onAnything("GetActionType"),
  async run(input, { store }, { principal, region }) {
    const row = await findRegistered(store.read, { account: principal.account, region }, input);
    if (!row) throw actionTypeNotFound(input);
    return { actionType: JSON.parse(row.declaration) as ActionTypeDeclaration }; // UpdateActionType wrote it
  },
});
