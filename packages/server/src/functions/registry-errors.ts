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

/** 413. */
export const requestTooLarge = (bytesMax: number, operation: string) =>
  new ServiceError(
    "RequestEntityTooLargeException",
    `Request must be smaller than ${bytesMax} bytes for the ${operation} operation`,
    413,
    BY_USER,
  );
