import { served } from "./context.ts";
import { onFunction, requireQualifier, targetOf } from "./find.ts";
import { toStatement } from "./permission-statement.ts";

/**
 * Adds a statement to the policy of a function, or to that of one of its versions or aliases.
 *
 * Errors: `ResourceNotFoundException`; `ResourceConflictException` for a statement id that is taken;
 * `InvalidParameterValueException` for `$LATEST` and for a principal that is none; `PolicyLengthExceededException`;
 * `PreconditionFailedException`. Source: Lambda API reference, AddPermission.
 */
export const addPermission = served({
  name: "AddPermission",
  access: ({ FunctionName, Qualifier, Principal }, _, call) =>
    onFunction("AddPermission", FunctionName, call, Qualifier).map((each) => ({
      ...each,
      context: { "lambda:Principal": Principal },
    })),
  async run(input, { policies }, call) {
    const qualifier = requireQualifier(input.FunctionName, call, input.Qualifier);
    const target = targetOf(input.FunctionName, call, input.RevisionId);
    const statement = await policies.add(target, qualifier, (arn) => toStatement(input, arn));
    return { Statement: JSON.stringify(statement) };
  },
});
