import { invalidParameter } from "../../functions/registry-errors.ts";
import { served } from "./context.ts";
import { onFunction, requireQualifier, targetOf } from "./find.ts";

/**
 * Deletes a function with all that belongs to it, or one version that no alias names.
 *
 * Errors: `ResourceNotFoundException`; `ResourceConflictException` for a version that an alias names;
 * `InvalidParameterValueException` for `$LATEST` and for an alias.
 * Source: Lambda API reference, DeleteFunction.
 */
export const deleteFunction = served({
  name: "DeleteFunction",
  access: ({ FunctionName, Qualifier }, _, call) => onFunction("DeleteFunction", FunctionName, call, Qualifier),
  async run({ FunctionName, Qualifier }, { registry, retire }, call) {
    const qualifier = requireQualifier(FunctionName, call, Qualifier);
    if (qualifier === "$LATEST")
      throw invalidParameter("$LATEST version cannot be deleted without deleting the function.");
    if (qualifier !== undefined && !/^\d+$/.test(qualifier))
      throw invalidParameter("Deletion of aliases is not currently supported.");
    for (const arn of await registry.delete(targetOf(FunctionName, call), qualifier)) retire(arn);
    return { StatusCode: 204 };
  },
});
