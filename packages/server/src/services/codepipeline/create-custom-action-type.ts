import { isDeepStrictEqual } from "node:util";
import {
  CUSTOM_ACTION_TYPES_COUNT_MAX,
  type CustomActionTypeDeclaration,
  checkCustomActionType,
} from "@penstock/pipeline";
import { findActionType, listActionTypeRows, saveActionType } from "../../store/action-type.ts";
import type { Tx } from "../../store/store.ts";
import { ServiceError } from "../../wire/error.ts";
import type { Call } from "../../wire/operation.ts";
import { onActionType, shownCustomType } from "./action-type.ts";
import { served } from "./context.ts";
import { actionTypeInUse, actionTypesExceeded, deletedActionTypeDiffers } from "./errors.ts";
import type { CreateCustomActionTypeInput } from "./shapes.generated.ts";

/**
 * Registers a custom action type, whose jobs workers of the account poll for. A version that was deleted comes back
 * only as it was.
 *
 * Errors: `ValidationException` for a declaration that cannot be, and for one that is there already;
 * `LimitExceededException`. Source: reference §8, §9, §18.
 */
export const createCustomActionType = served({
  name: "CreateCustomActionType",
  access: (input, _, call) => onActionType("CreateCustomActionType", { ...input, owner: "Custom" }, call),
  async run({ tags, ...input }, { engine }, call) {
    const declared = withoutAbsent(input);
    const problem = checkCustomActionType(declared);
    if (problem) throw new ServiceError(problem.code, problem.message);
    await engine.commit("saveActionType", (tx) => save(tx, declared, call));
    return { actionType: shownCustomType(declared), ...(tags && { tags }) };
  },
});

async function save(tx: Tx, declared: CustomActionTypeDeclaration, { principal, region }: Call): Promise<void> {
  const { category, provider, version } = declared;
  const { account } = principal;
  const key = { account, region, owner: "Custom", category, provider, version };
  const before = await tx.first(findActionType, key);
  if (before && !before.is_deleted) throw actionTypeInUse(key);
  if (before && !isDeepStrictEqual(JSON.parse(before.declaration), declared)) throw deletedActionTypeDiffers(key);
  const others = await tx.all(listActionTypeRows, { account, region });
  if (others.filter(({ owner }) => owner === "Custom").length >= CUSTOM_ACTION_TYPES_COUNT_MAX)
    throw actionTypesExceeded();
  await tx.run(saveActionType, { ...key, declaration: JSON.stringify(declared), is_deleted: 0, client_token: null });
}

/** As it comes back from the store. */
function withoutAbsent(input: Omit<CreateCustomActionTypeInput, "tags">): CustomActionTypeDeclaration {
  return JSON.parse(JSON.stringify(input)) as CustomActionTypeDeclaration; // the model's shape is this one
}
