import { served } from "./context.ts";
import { onFunction, wholeTarget } from "./find.ts";

/** Reserves nothing any more. Errors: `ResourceNotFoundException`. Source: API reference, DeleteFunctionConcurrency. */
export const deleteFunctionConcurrency = served({
  name: "DeleteFunctionConcurrency",
  access: ({ FunctionName }, _, call) => onFunction("DeleteFunctionConcurrency", FunctionName, call),
  async run({ FunctionName }, { registry }, call) {
    await registry.reserve(wholeTarget(FunctionName, call), undefined);
    return {};
  },
});
