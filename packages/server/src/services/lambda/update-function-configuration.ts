import { served } from "./context.ts";
import { cannotAssume } from "./create-function.ts";
import { onFunction, passRole, requireFunction } from "./find.ts";
import { toConfiguration } from "./function-configuration.ts";
import { givenSettings } from "./given-settings.ts";

/**
 * Changes a function's settings; what is left out stays. The environment is replaced as a whole.
 *
 * Errors: `ResourceNotFoundException`, `PreconditionFailedException`, `InvalidParameterValueException`.
 * Source: Lambda API reference, UpdateFunctionConfiguration.
 */
export const updateFunctionConfiguration = served({
  name: "UpdateFunctionConfiguration",
  access: ({ FunctionName, Role }, _, call) => [
    ...onFunction("UpdateFunctionConfiguration", FunctionName, call),
    ...(Role === undefined ? [] : [passRole(Role)]),
  ],
  async run(input, { registry, canAssume, retire }, call) {
    const settings = givenSettings(input);
    const { name } = await requireFunction(registry, call, input.FunctionName);
    if (input.Role !== undefined && !(await canAssume(input.Role))) throw cannotAssume();
    const { RevisionId: revisionId } = input;
    const target = { region: call.region, reference: name, ...(revisionId !== undefined && { revisionId }) };
    const updated = await registry.updateSettings(target, settings);
    retire(updated.arn);
    return toConfiguration(updated);
  },
});
