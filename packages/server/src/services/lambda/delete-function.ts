import { invalidParameter } from "../../functions/registry-errors.ts";
import { served } from "./context.ts";
import { onFunction, requireFunction, requireQualifier } from "./find.ts";

/**
 * Deletes a function with all its versions, or one version.
 *
 * Errors: `ResourceNotFoundException`; `InvalidParameterValueException` for `$LATEST`.
 * Source: Lambda API reference, DeleteFunction.
 */
export const deleteFunction = served({
  name: "DeleteFunction",
  access: ({ FunctionName, Qualifier }, _, call) => onFunction("DeleteFunction", FunctionName, call, Qualifier),
  async run({ FunctionName, Qualifier }, { registry, retire }, call) {
    const qualifier = requireQualifier(FunctionName, call, Qualifier);
    if (qualifier === "$LATEST")
      throw invalidParameter("$LATEST version cannot be deleted without deleting the function.");
    const found = await requireFunction(registry, call, FunctionName, Qualifier);
    await registry.delete({ region: call.region, reference: found.name }, qualifier);
    retire(found.arn);
    return { StatusCode: 204 };
  },
});
