import { checkPartnerActionType, type PartnerActionTypeDeclaration } from "@penstock/pipeline";
import { saveActionType } from "../../store/action-type.ts";
import { ServiceError } from "../../wire/error.ts";
import { onActionType } from "./action-type.ts";
import { served } from "./context.ts";
import { actionTypeNotFound } from "./errors.ts";

/**
 * Registers the action type of a partner, or changes it for the actions that start from now on.
 *
 * That it registers one that is not there is our choice: the service's team does so at a partner's request, and here is
 * nobody to ask. Errors: `ActionTypeNotFoundException` for types of the service itself; `ValidationException` for a
 * declaration that cannot be. `Source: our choice` for the former's reason; reference §18.
 */
export const updateActionType = served({
  name: "UpdateActionType",
  access: ({ actionType }, _, call) => onActionType("UpdateActionType", actionType.id, call),
  async run({ actionType }, { engine, newId }, { principal, region }) {
    const { owner, category, provider, version } = actionType.id;
    if (owner !== "ThirdParty") throw actionTypeNotFound(actionType.id);
    const problem = checkPartnerActionType(actionType as PartnerActionTypeDeclaration); // the model's shape is this one
    if (problem) throw new ServiceError(problem.code, problem.message);
    await engine.commit("saveActionType", (tx) =>
      tx.run(saveActionType, {
        ...{ account: principal.account, region, owner, category, provider, version },
        declaration: JSON.stringify(actionType),
        is_deleted: 0,
        client_token: newId(), // kept from the first time on
      }),
    );
    return {};
  },
});
