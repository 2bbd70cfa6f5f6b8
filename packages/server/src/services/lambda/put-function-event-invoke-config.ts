import { served } from "./context.ts";
import { checkDestinations, givenInvokeSettings, toEventInvokeConfig } from "./event-invoke-config.ts";
import { onFunction, requireQualifier, targetOf } from "./find.ts";

/**
 * Says how asynchronous calls are tried again, and who is told how they ended. What is left out is Lambda's default.
 *
 * Errors: `ResourceNotFoundException`; `InvalidParameterValueException` when nothing is given, and for a destination
 * that cannot be. Source: Lambda API reference, PutFunctionEventInvokeConfig.
 */
export const putFunctionEventInvokeConfig = served({
  name: "PutFunctionEventInvokeConfig",
  access: ({ FunctionName, Qualifier }, _, call) =>
    onFunction("PutFunctionEventInvokeConfig", FunctionName, call, Qualifier),
  async run(input, context, call) {
    const qualifier = requireQualifier(input.FunctionName, call, input.Qualifier);
    const settings = givenInvokeSettings(input, {});
    await checkDestinations(input, context, call);
    const config = await context.invokeConfigs.put(targetOf(input.FunctionName, call), qualifier, settings);
    return toEventInvokeConfig(config);
  },
});
