import { served } from "./context.ts";
import { onFunction, requireFunction, requireQualifier } from "./find.ts";
import { toConfiguration } from "./function-configuration.ts";

/**
 * Shows a function and its tags. The code is not offered for download, so `Code.Location` is absent.
 *
 * Errors: `ResourceNotFoundException`. Source: Lambda API reference, GetFunction.
 */
export const getFunction = served({
  name: "GetFunction",
  access: ({ FunctionName, Qualifier }, _, call) => onFunction("GetFunction", FunctionName, call, Qualifier),
  async run({ FunctionName, Qualifier }, { registry }, call) {
    const found = await requireFunction(registry, call, FunctionName, Qualifier);
    const { tags, reservedConcurrency } = found;
    return {
      Configuration: toConfiguration(found, requireQualifier(FunctionName, call, Qualifier)),
      Code: { RepositoryType: "S3" },
      ...(Object.keys(tags).length > 0 && { Tags: tags }),
      ...(reservedConcurrency !== undefined && { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
    };
  },
});
