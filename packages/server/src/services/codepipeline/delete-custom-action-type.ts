import { markActionTypeDeleted } from "../../store/action-type.ts";
import { onActionType } from "./action-type.ts";
import { served } from "./context.ts";

/**
 * Marks a custom action type as deleted: it can be neither used in a pipeline nor polled for any more. Deleting what is
 * not there is fine.
 *
 * Source: reference §2, §18.
 */
export const deleteCustomActionType = served({
  name: "DeleteCustomActionType",
  access: (input, _, call) => onActionType("DeleteCustomActionType", { ...input, owner: "Custom" }, call),
  async run({ category, provider, version }, { engine }, { principal, region }) {
    const key = { account: principal.account, region, owner: "Custom", category, provider, version };
    await engine.commit("saveActionType", (tx) => tx.run(markActionTypeDeleted, key));
    return {};
  },
});
