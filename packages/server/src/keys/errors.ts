import { ServiceError } from "../wire/error.ts";

/*
 * Errors of KMS that come from keys themselves. Texts as the service gives them.
 * `InvalidCiphertextException` has none there, so that it tells nothing about the cause.
 */

/** What was named is not there, or is no key. */
export const keyNotFound = (message: string) => new ServiceError("NotFoundException", message);

export const keyDoesNotExist = (arn: string) => keyNotFound(`Key '${arn}' does not exist`);

export const aliasNotFound = (arn: string) => keyNotFound(`Alias ${arn} is not found.`);

export const keyDisabled = (arn: string) => new ServiceError("DisabledException", `${arn} is disabled.`);

export const keyInvalidState = (message: string) => new ServiceError("KMSInvalidStateException", message);

export const keyPendingDeletion = (arn: string) => keyInvalidState(`${arn} is pending deletion.`);

/** Altered, foreign, or sealed with another context. */
export const invalidCiphertext = () => new ServiceError("InvalidCiphertextException", "");

/** The same error as S3 passes it on to its own caller. */
export function asShownByS3(error: unknown): unknown {
  return error instanceof ServiceError ? new ServiceError(`KMS.${error.code}`, error.message, error.status) : error;
}
