import type { PermissionStatement } from "../../functions/function-policies.ts";
import { invalidParameter } from "../../functions/registry-errors.ts";
import { checkPolicy } from "../../identity/policy.ts";
import type { AddPermissionInput } from "./shapes.generated.ts";

/**
 * A statement of a function's policy, as Lambda writes it.
 *
 * Errors: `InvalidParameterValueException` for a principal that is none.
 */
export function toStatement(input: AddPermissionInput, resourceArn: string): PermissionStatement {
  const condition = conditionsOf(input);
  const statement = {
    Sid: input.StatementId,
    Effect: "Allow",
    Principal: principalOf(input.Principal),
    Action: input.Action,
    Resource: resourceArn,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
  const checked = checkPolicy(JSON.stringify({ Version: "2012-10-17", Statement: [statement] }), "resource");
  if (!checked.ok) throw invalidPrincipal();
  return statement;
}

/** An account stands for its root; a name with a dot and no colon is a service's. */
function principalOf(principal: string): string | Readonly<Record<string, string>> {
  if (principal === "*") return "*";
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  if (principal.startsWith("arn:")) return { AWS: principal };
  if (/^[a-z0-9.-]+\.[a-z.]+$/.test(principal)) return { Service: principal };
  throw invalidPrincipal();
}

/** Source: what GetPolicy of the service shows for each parameter. */
function conditionsOf(input: AddPermissionInput): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const equals = {
    ...(input.FunctionUrlAuthType !== undefined && { "lambda:FunctionUrlAuthType": input.FunctionUrlAuthType }),
    ...(input.PrincipalOrgID !== undefined && { "aws:PrincipalOrgID": input.PrincipalOrgID }),
    ...(input.SourceAccount !== undefined && { "AWS:SourceAccount": input.SourceAccount }),
    ...(input.EventSourceToken !== undefined && { "lambda:EventSourceToken": input.EventSourceToken }),
  };
  return {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(input.SourceArn !== undefined && { ArnLike: { "AWS:SourceArn": input.SourceArn } }),
    ...(input.InvokedViaFunctionUrl !== undefined && {
      Bool: { "lambda:InvokedViaFunctionUrl": String(input.InvokedViaFunctionUrl) },
    }),
  };
}

const invalidPrincipal = () =>
  invalidParameter("The provided principal was invalid. Please check the principal and try again.");
