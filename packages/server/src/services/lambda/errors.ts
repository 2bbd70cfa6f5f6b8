import { invalidParameter } from "../../functions/registry-errors.ts";
import { ServiceError } from "../../wire/error.ts";

const BY_USER = { Type: "User" };

/** 413. Source: the service's texts as reported by users in 2024 (262144) and 2026 (1048576). */
export const payloadTooLarge = (sizeBytes: number, invocationType: string, bytesMax: number) =>
  new ServiceError(
    "RequestEntityTooLargeException",
    `${sizeBytes} byte payload is too large for the ${invocationType} invocation type (limit ${bytesMax} bytes)`,
    413,
    BY_USER,
  );

/** 400: the payload is not JSON. `problem` is the parser's. */
export const invalidRequestContent = (problem: string) =>
  new ServiceError(
    "InvalidRequestContentException",
    `Could not parse request body into json: Could not parse payload into json: ${problem}`,
    400,
    BY_USER,
  );

/** 400. Source: our choice; nobody has written down the service's text. */
export const invalidClientContext = () =>
  new ServiceError(
    "InvalidRequestContentException",
    "Could not parse the client context: X-Amz-Client-Context must be JSON in Base64",
    400,
    BY_USER,
  );

/** 404: the ARN is of another region than the one that was called. */
export const notReachable = (functionRegion: string, region: string) =>
  new ServiceError(
    "ResourceNotFoundException",
    `Functions from '${functionRegion}' are not reachable in this region ('${region}')`,
    404,
    BY_USER,
  );

/** 400: only `$LATEST` changes. Source: the service's own text, as users report it. */
export const onlyLatest = () =>
  invalidParameter(
    "Current operation does not support versions other than $LATEST. Please set the version to $LATEST or do not set a version in your request.",
  );

/** Refuses what would silently be without effect. Source: our choice. */
export const notSupported = (member: string, instead: string) =>
  invalidParameter(`${member} is not supported by Penstock; ${instead}.`);
