import { served } from "./context.ts";
import { onFunction, wholeTarget } from "./find.ts";

/**
 * Deletes an alias with its policy and its settings of asynchronous calls; one that is not there is no error.
 *
 * Errors: `ResourceNotFoundException` for the function. Source: Lambda API reference, DeleteAlias.
 */
export const deleteAlias = served({
  name: "DeleteAlias",
  access: ({ FunctionName }, _, call) => onFunction("DeleteAlias", FunctionName, call),
  async run({ FunctionName, Name }, { aliases }, call) {
    await aliases.delete(wholeTarget(FunctionName, call), Name);
    return {};
  },
});
