import { served } from "./context.ts";
import { checkDestinations, givenInvokeSettings, toEventInvokeConfig } from "./event-invoke-config.ts";
import { onFunction, requireQualifier, targetOf } from "./find.ts";

/**
 * The same, of which what is left out stays as it is.
 *
 * Errors: `ResourceNotFoundException`; `InvalidParameterValueException` when nothing is given, and for a destination
 * that cannot be. Source: Lambda API reference, UpdateFunctionEventInvokeConfig.
 */
export const updateFunctionEventInvokeConfig = served({
  name: "UpdateFunctionEventInvokeConfig",
  access: ({ FunctionName, Qualifier }, _, call) =>
    onFunction("UpdateFunctionEventInvokeConfig", FunctionName, call, Qualifier),
  async run(input, context, call) {
    const qualifier = requireQualifier(input.FunctionName, call, input.Qualifier);
    await checkDestinations(input, context, call);
    const config = await context.invokeConfigs.update(targetOf(input.FunctionName, call), qualifier, (before) =>
      givenInvokeSettings(input, before),
    );
    return toEventInvokeConfig(config);
  },
});
