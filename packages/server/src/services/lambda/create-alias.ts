import { givenAlias, toAliasConfiguration } from "./alias-configuration.ts";
import { served } from "./context.ts";
import { onFunction, wholeTarget } from "./find.ts";

/**
 * Names a version, or two between which calls are divided.
 *
 * Errors: `ResourceConflictException` when the name is taken; `ResourceNotFoundException` for a function or version that
 * is not there; `InvalidParameterValueException` for weights that cannot be. Source: Lambda API reference, CreateAlias.
 */
export const createAlias = served({
  name: "CreateAlias",
  access: ({ FunctionName }, _, call) => onFunction("CreateAlias", FunctionName, call),
  async run(input, { aliases }, call) {
    const target = wholeTarget(input.FunctionName, call);
    return toAliasConfiguration(await aliases.create(target, input.Name, givenAlias(input)));
  },
});
