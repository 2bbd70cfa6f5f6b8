import { served } from "./context.ts";
import { onFunction, requireFunction, wholeTarget } from "./find.ts";

/** Shows what is reserved, if anything. Errors: `ResourceNotFoundException`. Source: API reference, GetFunctionConcurrency. */
export const getFunctionConcurrency = served({
  name: "GetFunctionConcurrency",
  access: ({ FunctionName }, _, call) => onFunction("GetFunctionConcurrency", FunctionName, call),
  async run({ FunctionName }, { registry }, call) {
    const { reference } = wholeTarget(FunctionName, call);
    const { reservedConcurrency } = await requireFunction(registry, call, reference);
    return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
  },
});
