import { ServiceError } from "../wire/error.ts";

/** Lambda marks errors that the caller caused. */
const BY_USER = { Type: "User" };

/** 404. `arn` with the qualifier that was asked for. */
export const functionNotFound = (arn: string) =>
  new ServiceError("ResourceNotFoundException", `Function not found: ${arn}`, 404, BY_USER);

/** 409. */
export const functionExists = (name: string) =>
  new ServiceError("ResourceConflictException", `Function already exist: ${name}`, 409, BY_USER);

/** 400, for whatever the model's constraints do not catch. */
export const invalidParameter = (message: string) =>
  new ServiceError("InvalidParameterValueException", message, 400, BY_USER);

/** 412: somebody changed the function since the caller looked. */
export const revisionMismatch = () =>
  new ServiceError(
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
    412,
    BY_USER,
  );

/** 409, for whatever stands in the way of a change. */
export const conflict = (message: string) => new ServiceError("ResourceConflictException", message, 409, BY_USER);

/** 400: a function's policy would be too large. */
export const policyTooLong = (sizeBytes: number, bytesMax: number) =>
  new ServiceError(
    "PolicyLengthExceededException",
    `The final policy size (${sizeBytes}) is bigger than the limit (${bytesMax}).`,
    400,
    BY_USER,
  );

/** 404, for whatever is not a function or a version. */
export const notFound = (message: string) => new ServiceError("ResourceNotFoundException", message, 404, BY_USER);

/** 400: what belongs to the whole function was asked of a version or an alias. */
export const notForVersions = () =>
  invalidParameter(
    "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.",
  );

/**
 * 429: as many calls run as are reserved for the function, or none are allowed.
 *
 * Source: Lambda API reference, Invoke; the body as clients record it.
 */
export const concurrencyExceeded = () =>
  new ServiceError("TooManyRequestsException", "Rate Exceeded.", 429, {
    Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
    ...BY_USER,
  });

/** 413. */
export const requestTooLarge = (bytesMax: number, operation: string) =>
  new ServiceError(
    "RequestEntityTooLargeException",
    `Request must be smaller than ${bytesMax} bytes for the ${operation} operation`,
    413,
    BY_USER,
  );
