import { homeOf } from "../../wire/operation.ts";
import { served } from "./context.ts";
import { latestTarget, onFunction, readCode } from "./find.ts";
import { toConfiguration } from "./function-configuration.ts";
import { givenCode } from "./given-settings.ts";

/**
 * Gives a function new code. The next call runs it; calls under way end with the code that they began with.
 * With `DryRun` the code is fetched, unpacked and described, and nothing changes.
 *
 * Errors: `ResourceNotFoundException`, `PreconditionFailedException`, `InvalidParameterValueException`.
 * Source: Lambda API reference, UpdateFunctionCode.
 */
export const updateFunctionCode = served({
  name: "UpdateFunctionCode",
  access: (input, _, call) => [...onFunction("UpdateFunctionCode", input.FunctionName, call), ...readCode(input)],
  async run(input, { registry, retire }, call) {
    const code = givenCode(input);
    const target = latestTarget(input.FunctionName, call, input.RevisionId);
    const [architecture] = input.Architectures ?? [];
    const changed = architecture && { architecture };
    if (input.DryRun) return toConfiguration(await registry.tryCode(target, code, changed));
    const updated = await registry.updateCode(target, code, changed);
    retire(updated.arn);
    if (!input.Publish) return toConfiguration(updated);
    return toConfiguration(await registry.publish({ ...homeOf(call), reference: updated.name }));
  },
});
