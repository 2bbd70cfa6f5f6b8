import { served } from "./context.ts";
import { onFunction, requireQualifier, targetOf } from "./find.ts";

/** Lambda's defaults hold again. Errors: `ResourceNotFoundException`. Source: API reference, DeleteFunctionEventInvokeConfig. */
export const deleteFunctionEventInvokeConfig = served({
  name: "DeleteFunctionEventInvokeConfig",
  access: ({ FunctionName, Qualifier }, _, call) =>
    onFunction("DeleteFunctionEventInvokeConfig", FunctionName, call, Qualifier),
  async run({ FunctionName, Qualifier }, { invokeConfigs }, call) {
    await invokeConfigs.delete(targetOf(FunctionName, call), requireQualifier(FunctionName, call, Qualifier));
    return {};
  },
});
