import { parseFunctionReference } from "../../functions/function-name.ts";
import type { FunctionTarget } from "../../functions/locate.ts";
import { invalidParameter } from "../../functions/registry-errors.ts";
import type { Access, Call } from "../../wire/operation.ts";
import { notSupported } from "./errors.ts";
import { requireQualifier, targetOf } from "./find.ts";

/** The right to an operation on what an ARN names. */
export function onResource(action: string, arn: string): readonly Access[] {
  return [{ action: `lambda:${action}`, resource: arn }];
}

/**
 * The function that a tag operation means.
 *
 * Errors: `InvalidParameterValueException` for a version, an alias, or what is no function.
 */
export function taggedFunction(arn: string, call: Call): FunctionTarget {
  if (parseFunctionReference(arn) === undefined) {
    throw notSupported(`Tagging ${arn}`, "functions are what has tags here");
  }
  if (requireQualifier(arn, call) !== undefined) {
    throw invalidParameter("Tags on function aliases and versions are not supported. Please specify a function ARN.");
  }
  return targetOf(arn, call);
}
