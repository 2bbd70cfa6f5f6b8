import { toAliasConfiguration } from "./alias-configuration.ts";
import { served } from "./context.ts";
import { onFunction, wholeTarget } from "./find.ts";

/** Shows an alias. Errors: `ResourceNotFoundException`. Source: Lambda API reference, GetAlias. */
export const getAlias = served({
  name: "GetAlias",
  access: ({ FunctionName }, _, call) => onFunction("GetAlias", FunctionName, call),
  async run({ FunctionName, Name }, { aliases }, call) {
    return toAliasConfiguration(await aliases.get(wholeTarget(FunctionName, call), Name));
  },
});
