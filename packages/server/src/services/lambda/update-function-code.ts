import type { FunctionTarget } from "../../functions/registry.ts";
import { revisionMismatch } from "../../functions/registry-errors.ts";
import { served } from "./context.ts";
import { onFunction, readCode, requireFunction } from "./find.ts";
import { toConfiguration } from "./function-configuration.ts";
import { givenCode } from "./given-settings.ts";

/**
 * Gives a function new code. The next call runs it; calls under way end with the code that they began with.
 *
 * Errors: `ResourceNotFoundException`, `PreconditionFailedException`, `InvalidParameterValueException`.
 * Source: Lambda API reference, UpdateFunctionCode.
 */
export const updateFunctionCode = served({
  name: "UpdateFunctionCode",
  access: (input, _, call) => [...onFunction("UpdateFunctionCode", input.FunctionName, call), ...readCode(input)],
  async run(input, { registry, retire }, call) {
    const code = givenCode(input);
    const before = await requireFunction(registry, call, input.FunctionName);
    if (input.RevisionId !== undefined && input.RevisionId !== before.revisionId) throw revisionMismatch();
    if (input.DryRun) return toConfiguration(before);
    const target: FunctionTarget = {
      region: call.region,
      reference: before.name,
      ...(input.RevisionId !== undefined && { revisionId: input.RevisionId }),
    };
    const [architecture] = input.Architectures ?? [];
    const updated = await registry.updateCode(target, code, architecture && { architecture });
    retire(updated.arn);
    if (!input.Publish) return toConfiguration(updated);
    return toConfiguration(await registry.publish({ region: call.region, reference: before.name }));
  },
});
