import { functionArn, parseFunctionReference } from "../../functions/function-name.ts";
import type { NewFunction } from "../../functions/registry.ts";
import { functionNotFound, invalidParameter } from "../../functions/registry-errors.ts";
import { type Call, type Home, homeOf } from "../../wire/operation.ts";
import { served } from "./context.ts";
import { notReachable, notSupported } from "./errors.ts";
import { onFunction, passRole, readCode, useLayers } from "./find.ts";
import { toConfiguration } from "./function-configuration.ts";
import { givenCode, givenSettings } from "./given-settings.ts";
import type { CreateFunctionInput } from "./shapes.generated.ts";

/**
 * Creates a function, which can be called at once.
 *
 * Errors: `ResourceConflictException` when the name is taken; `InvalidParameterValueException` for a role that Lambda
 * cannot assume, code that cannot be unpacked, and settings beyond Lambda's limits.
 * Source: Lambda API reference, CreateFunction.
 */
export const createFunction = served({
  name: "CreateFunction",
  access: ({ FunctionName, Role, Code, Layers }, _, call) => [
    ...onFunction("CreateFunction", FunctionName, call),
    passRole(Role),
    ...readCode(Code),
    ...useLayers(call, Layers),
  ],
  async run(input, context, call) {
    const request = newFunction(input, call);
    if (!(await context.canAssume(input.Role))) throw cannotAssume();
    const layers = await context.layers.use(homeOf(call), input.Layers ?? []);
    const created = await context.registry.create({ ...request, settings: { ...request.settings, layers } });
    if (!input.Publish) return toConfiguration(created);
    return toConfiguration(await context.registry.publish({ ...homeOf(call), reference: created.name }));
  },
});

function newFunction(input: CreateFunctionInput, call: Call): NewFunction {
  const home = homeOf(call);
  if (input.PackageType === "Image") throw notSupported("PackageType Image", "give the code as a zip");
  if (input.TenancyConfig) throw notSupported("TenancyConfig", "leave it out");
  const [architecture] = input.Architectures ?? [];
  const { Runtime: runtime = "", Handler: handler = "", Role: roleArn } = input;
  return {
    ...home,
    name: newName(input.FunctionName, home),
    code: givenCode(input.Code),
    settings: {
      ...givenSettings(input),
      ...{ runtime, handler, roleArn },
      ...(architecture && { architecture }),
    },
    ...(input.Tags && { tags: input.Tags }),
  };
}

/** Names of new functions. Source: Lambda API reference, CreateFunction: 64 characters. */
const NAME_CHARS_MAX = 64;

function newName(reference: string, { account, region }: Home): string {
  const parsed = parseFunctionReference(reference);
  if (!parsed || parsed.qualifier !== undefined)
    throw invalidParameter(`${reference} is not a name for a new function.`);
  if (parsed.region !== undefined && parsed.region !== region) throw notReachable(parsed.region, region);
  if (parsed.account !== undefined && parsed.account !== account) {
    throw functionNotFound(functionArn(region, parsed.account, parsed.name));
  }
  if (parsed.name.length > NAME_CHARS_MAX) {
    throw invalidParameter(
      `1 validation error detected: Value '${parsed.name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to ${NAME_CHARS_MAX}`,
    );
  }
  return parsed.name;
}

/** Also for a role that is not there: Lambda makes no difference. */
export const cannotAssume = () => invalidParameter("The role defined for the function cannot be assumed by Lambda.");
