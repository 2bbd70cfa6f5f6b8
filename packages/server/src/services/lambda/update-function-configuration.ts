import { homeOf } from "../../wire/operation.ts";
import { served } from "./context.ts";
import { cannotAssume } from "./create-function.ts";
import { latestTarget, onFunction, passRole, useLayers } from "./find.ts";
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
  access: ({ FunctionName, Role, Layers }, _, call) => [
    ...onFunction("UpdateFunctionConfiguration", FunctionName, call),
    ...useLayers(call, Layers),
    ...(Role === undefined ? [] : [passRole(Role)]),
  ],
  async run(input, { registry, layers, canAssume, retire }, call) {
    const target = latestTarget(input.FunctionName, call, input.RevisionId);
    const settings = givenSettings(input);
    if (input.Role !== undefined && !(await canAssume(input.Role))) throw cannotAssume();
    const used = input.Layers && { layers: await layers.use(homeOf(call), input.Layers) };
    const updated = await registry.updateSettings(target, { ...settings, ...used });
    retire(updated.arn);
    return toConfiguration(updated);
  },
});
