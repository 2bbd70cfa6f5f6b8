import { served } from "./context.ts";
import { toEventInvokeConfig } from "./event-invoke-config.ts";
import { onFunction, requireQualifier, targetOf } from "./find.ts";

/** Shows them. Errors: `ResourceNotFoundException`. Source: Lambda API reference, GetFunctionEventInvokeConfig. */
export const getFunctionEventInvokeConfig = served({
  name: "GetFunctionEventInvokeConfig",
  access: ({ FunctionName, Qualifier }, _, call) =>
    onFunction("GetFunctionEventInvokeConfig", FunctionName, call, Qualifier),
  async run({ FunctionName, Qualifier }, { invokeConfigs }, call) {
    const qualifier = requireQualifier(FunctionName, call, Qualifier);
    return toEventInvokeConfig(await invokeConfigs.get(targetOf(FunctionName, call), qualifier));
  },
});
