import { createFunctionAliases, type FunctionAliases } from "./function-aliases.ts";
import { createFunctionPolicies, type FunctionPolicies } from "./function-policies.ts";
import { createInvokeConfigs, type InvokeConfigs } from "./invoke-configs.ts";
import { createLayers, type Layers } from "./layers.ts";
import { createFunctionRegistry, type FunctionRegistry, type RegistryParts } from "./registry.ts";

/** All that is on record of functions: they themselves, and what the Lambda API hangs on them. */
export interface Functions {
  readonly registry: FunctionRegistry;
  readonly aliases: FunctionAliases;
  readonly policies: FunctionPolicies;
  readonly invokeConfigs: InvokeConfigs;
  readonly layers: Layers;
}

/** Makes them over one store and one folder of code; touches neither. */
export function openFunctions(parts: RegistryParts): Functions {
  return {
    registry: createFunctionRegistry(parts),
    aliases: createFunctionAliases(parts),
    policies: createFunctionPolicies(parts),
    invokeConfigs: createInvokeConfigs(parts),
    layers: createLayers(parts),
  };
}
