import { checkPolicy, type PolicyKind } from "../../identity/policy.ts";
import { ServiceError } from "../../wire/error.ts";

/*
 * IAM's errors. Codes and statuses as in the service's model, texts as the service gives them.
 */

export const noSuchRole = (name: string) => noSuchEntity(`The role with name ${name} cannot be found.`);

export const noSuchRolePolicy = (name: string) => noSuchEntity(`The role policy with name ${name} cannot be found.`);

export const noSuchManagedPolicy = (arn: string) => noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);

export const policyNotAttached = (arn: string) => noSuchEntity(`Policy ${arn} was not found.`);

const noSuchEntity = (message: string) => new ServiceError("NoSuchEntity", message, 404);

export const roleAlreadyExists = (name: string) =>
  new ServiceError("EntityAlreadyExists", `Role with name ${name} already exists.`, 409);

export const deleteConflict = (message: string) => new ServiceError("DeleteConflict", message, 409);

export const limitExceeded = (message: string) => new ServiceError("LimitExceeded", message, 409);

export const invalidMarker = (marker: string) => new ServiceError("ValidationError", `Invalid Marker: ${marker}`);

export const invalidArn = (arn: string) => new ServiceError("ValidationError", `ARN ${arn} is not valid.`);

export const notSupported = (what: string) => new ServiceError("InvalidInput", `${what} is not supported by Penstock.`);

/** Errors: `MalformedPolicyDocument`. */
export function requirePolicy(text: string, kind: PolicyKind): void {
  const checked = checkPolicy(text, kind);
  if (!checked.ok) throw new ServiceError("MalformedPolicyDocument", checked.problem);
}
