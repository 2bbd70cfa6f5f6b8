import { givenAlias, toAliasConfiguration } from "./alias-configuration.ts";
import { served } from "./context.ts";
import { onFunction, wholeTarget } from "./find.ts";

/**
 * Changes what is given of an alias. Its next call goes where it then points.
 *
 * Errors: as CreateAlias; `PreconditionFailedException`. Source: Lambda API reference, UpdateAlias.
 */
export const updateAlias = served({
  name: "UpdateAlias",
  access: ({ FunctionName }, _, call) => onFunction("UpdateAlias", FunctionName, call),
  async run(input, { aliases }, call) {
    const target = wholeTarget(input.FunctionName, call, input.RevisionId);
    return toAliasConfiguration(await aliases.update(target, input.Name, givenAlias(input)));
  },
});
