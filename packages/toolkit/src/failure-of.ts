import type { FailureType } from "./failure.ts";

/** Errors of a chain of causes that are looked at. */
const CAUSES_MAX = 8;

const FAILURE_TYPES: ReadonlySet<unknown> = new Set<FailureType>([
  "JobFailed",
  "ConfigurationError",
  "PermissionError",
  "RevisionOutOfSync",
  "RevisionUnavailable",
  "SystemUnavailable",
]);

const THROTTLED =
  /^(?:EC2Throttl|Throttl|RequestThrottled|TooManyRequests|SlowDown|RequestLimitExceeded|BandwidthLimitExceeded|ProvisionedThroughputExceeded)/;
const DENIED =
  /AccessDenied|^(?:Unauthorized|NotAuthorized|Forbidden|AuthFailure|ExpiredToken|InvalidAccessKeyId|InvalidClientTokenId|InvalidToken|SignatureDoesNotMatch|InvalidSignature|UnrecognizedClient|MissingAuthentication|CredentialsProvider)/;
const OUT_OF_ORDER =
  /^(?:ServiceUnavailable|InternalError|InternalFailure|InternalServer|RequestTimeout|\w*TimeoutError|NetworkingError|ECONN|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|EHOSTUNREACH|ENETUNREACH|UND_ERR_)/;

/**
 * The type of failure that an error means. Anything may be thrown, so anything is taken.
 *
 * Rules, the first that fits counts; they are asked of the error itself, then of its `cause`, and so on, up to 8 deep:
 *
 * 1. A `JobFailure` says it itself, by its `type`; also one of another copy of this library.
 * 2. Throttled: HTTP status 429, or a name such as ThrottlingException: `SystemUnavailable`.
 * 3. Denied: HTTP status 401 or 403, or a name such as AccessDenied or ExpiredToken: `PermissionError`.
 * 4. Out of order: HTTP status 500 and above, a name such as ServiceUnavailable or TimeoutError, or a code of the
 *    network such as ECONNREFUSED: `SystemUnavailable`.
 * 5. Anything else: `JobFailed`.
 *
 * A name is looked for in `name`, `code`, `Code` and `__type`; a status in `$metadata.httpStatusCode` (AWS SDK v3),
 * `statusCode` (v2), `status` and `response.status`.
 *
 * Errors: none, whatever is given.
 *
 * @example
 * ```ts
 * failureTypeOf(Object.assign(new Error("no"), { name: "AccessDenied" })); // "PermissionError"
 * ```
 */
export function failureTypeOf(error: unknown): FailureType {
  let link: unknown = error;
  for (let depth = 0; depth < CAUSES_MAX && isObject(link); depth += 1) {
    const type = ownType(link);
    if (type) return type;
    link = causeOf(link);
  }
  return "JobFailed";
}

function ownType(error: object): FailureType | undefined {
  const declared = read(error, "type");
  if (error instanceof Error && FAILURE_TYPES.has(declared)) {
    return declared as FailureType; // the set has nothing else
  }
  const names = [read(error, "name"), read(error, "code"), read(error, "Code"), read(error, "__type")];
  const fits = (pattern: RegExp) => names.some((name) => typeof name === "string" && pattern.test(name));
  const status = statusOf(error);
  if (status === 429 || fits(THROTTLED)) return "SystemUnavailable";
  if (status === 401 || status === 403 || fits(DENIED)) return "PermissionError";
  if (status >= 500 || fits(OUT_OF_ORDER)) return "SystemUnavailable";
  return undefined;
}

/** The HTTP status as the AWS SDK v3, the AWS SDK v2 and common HTTP clients note it; 0 when there is none. */
function statusOf(error: object): number {
  const metadata = read(error, "$metadata");
  const response = read(error, "response");
  const candidates = [
    isObject(metadata) ? read(metadata, "httpStatusCode") : undefined,
    read(error, "statusCode"),
    read(error, "status"),
    isObject(response) ? read(response, "status") : undefined,
  ];
  return candidates.find((value): value is number => typeof value === "number") ?? 0;
}

/** The cause; of an `AggregateError` without one, the first of its errors. */
function causeOf(error: object): unknown {
  const cause = read(error, "cause");
  if (cause !== undefined) return cause;
  const errors = read(error, "errors");
  return Array.isArray(errors) ? errors[0] : undefined;
}

/**
 * What an error says, in one text that is never empty, whatever was thrown.
 *
 * An error of a service has its name in front when its message does not begin with it: `AccessDenied: no`.
 */
export function failureText(error: unknown): string {
  if (typeof error === "string") return error.trim() === "" ? "An empty text was thrown." : error;
  if (!isObject(error)) return `${String(error)} was thrown.`;
  const message = read(error, "message");
  const name = read(error, "name");
  const named = typeof name === "string" && name !== "" ? name : "An object";
  if (typeof message !== "string" || message.trim() === "") return `${named} was thrown without a message.`;
  const plain = name === "Error" || typeof name !== "string" || name === "" || FAILURE_TYPES.has(name);
  return plain || message.startsWith(name) ? message : `${name}: ${message}`;
}

/** The name of an error; empty for what has none. */
export const nameOf = (error: unknown) => (error instanceof Error ? error.name : "");

/** The code of an error, as Node has it; empty for what has none. */
export const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "");

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** A member of whatever was thrown; a getter that throws counts as none. */
function read(from: object, key: string): unknown {
  try {
    return (from as Record<string, unknown>)[key]; // any object can be asked for any key
  } catch {
    return undefined;
  }
}
