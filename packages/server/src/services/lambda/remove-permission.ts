import { served } from "./context.ts";
import { onFunction, requireQualifier, targetOf } from "./find.ts";

/**
 * Takes a statement out of a policy.
 *
 * Errors: `ResourceNotFoundException` also for a statement that is not there; `PreconditionFailedException`.
 * Source: Lambda API reference, RemovePermission.
 */
export const removePermission = served({
  name: "RemovePermission",
  access: ({ FunctionName, Qualifier }, _, call) => onFunction("RemovePermission", FunctionName, call, Qualifier),
  async run({ FunctionName, Qualifier, StatementId, RevisionId }, { policies }, call) {
    const qualifier = requireQualifier(FunctionName, call, Qualifier);
    await policies.remove(targetOf(FunctionName, call, RevisionId), notLatest(qualifier), StatementId);
    return {};
  },
});

/** A policy of `$LATEST` is the function's own. */
const notLatest = (qualifier: string | undefined) => (qualifier === "$LATEST" ? undefined : qualifier);
