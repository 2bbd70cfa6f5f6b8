import { served } from "./context.ts";
import { onFunction, requireQualifier, targetOf } from "./find.ts";

/** Shows a policy. Errors: `ResourceNotFoundException` also without one. Source: Lambda API reference, GetPolicy. */
export const getPolicy = served({
  name: "GetPolicy",
  access: ({ FunctionName, Qualifier }, _, call) => onFunction("GetPolicy", FunctionName, call, Qualifier),
  async run({ FunctionName, Qualifier }, { policies }, call) {
    const qualifier = requireQualifier(FunctionName, call, Qualifier);
    const { document, revisionId } = await policies.get(targetOf(FunctionName, call), qualifier);
    return { Policy: document, RevisionId: revisionId };
  },
});
