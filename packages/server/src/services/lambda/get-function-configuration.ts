import { served } from "./context.ts";
import { onFunction, requireFunction, requireQualifier } from "./find.ts";
import { toConfiguration } from "./function-configuration.ts";

/** Shows a function. Errors: `ResourceNotFoundException`. Source: Lambda API reference, GetFunctionConfiguration. */
export const getFunctionConfiguration = served({
  name: "GetFunctionConfiguration",
  access: ({ FunctionName, Qualifier }, _, call) =>
    onFunction("GetFunctionConfiguration", FunctionName, call, Qualifier),
  async run({ FunctionName, Qualifier }, { registry }, call) {
    const found = await requireFunction(registry, call, FunctionName, Qualifier);
    return toConfiguration(found, requireQualifier(FunctionName, call, Qualifier));
  },
});
