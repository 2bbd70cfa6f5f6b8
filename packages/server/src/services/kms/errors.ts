import { ServiceError } from "../../wire/error.ts";

/*
 * KMS's errors that do not come from a key itself; those are in `keys/errors.ts`. Texts as the service
 * gives them unless marked.
 */

/**
 * Only uses of a key reach across accounts, not its administration. Source: KMS developer guide, "Allowing users in other
 * accounts to use a KMS key"; the text is IAM's own for a resource that lets nobody in.
 */
export const notAcrossAccounts = (arn: string, action: string, keyArn: string) =>
  accessDenied(
    `User: ${arn} is not authorized to perform: ${action} on resource: ${keyArn} because no resource-based policy allows the ${action} action`,
  );

export const accessDenied = (message: string) => new ServiceError("AccessDeniedException", message);

export const malformedPolicy = (problem: string) => new ServiceError("MalformedPolicyDocumentException", problem);

export const lockedOut = () =>
  malformedPolicy("The new key policy will not allow you to update the key policy in the future.");

/** Source: our choice of text; the service has keys of these kinds. */
export const unsupported = (what: string) =>
  new ServiceError(
    "UnsupportedOperationException",
    `${what} is not supported by Penstock, which has symmetric keys only.`,
  );

export const invalid = (message: string) => new ServiceError("ValidationException", message);

export const invalidMarker = () => new ServiceError("InvalidMarkerException", "Could not deserialize marker");

export const aliasAlreadyExists = (arn: string) =>
  new ServiceError("AlreadyExistsException", `An alias with the name ${arn} already exists`);

/** Names with `alias/aws/` are AWS's own. */
export const notForCustomers = () => new ServiceError("NotAuthorizedException", "");

export const incorrectKey = () =>
  new ServiceError(
    "IncorrectKeyException",
    "The key ID in the request does not identify a CMK that can perform this operation.",
  );

export const incorrectAlgorithm = (algorithm: string) =>
  new ServiceError(
    "InvalidKeyUsageException",
    `Algorithm ${algorithm} is incompatible with key spec SYMMETRIC_DEFAULT.`,
  );

export const dryRun = () =>
  new ServiceError("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
