import type { FailureType } from "./failure.ts";
import { member } from "./member.ts";

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
  /^((EC2|Request)?Throttl|TooManyRequests|SlowDown|(Request|Bandwidth)LimitExceeded|ProvisionedThroughputExceeded)/;
const DENIED =
  /AccessDenied|^(Unauthorized|NotAuthorized|Forbidden|AuthFailure|ExpiredToken|Invalid(AccessKeyId|ClientTokenId|Token|Signature)|SignatureDoesNotMatch|UnrecognizedClient|MissingAuthentication|CredentialsProvider)/;
const OUT_OF_ORDER =
  /^(ServiceUnavailable|Internal(Error|Failure|Server)|RequestTimeout|\w*TimeoutError|NetworkingError|E(CONN|TIMEDOUT|NOTFOUND|AI_AGAIN|PIPE|(HOST|NET)UNREACH)|UND_ERR_)/;

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
    // Of an `AggregateError` without a cause, the first of its errors.
    link = member(link, "cause") ?? member(member(link, "errors"), "0");
  }
  return "JobFailed";
}

function ownType(error: object): FailureType | undefined {
  const declared = member(error, "type");
  if (error instanceof Error && FAILURE_TYPES.has(declared)) {
    return declared as FailureType; // the set has nothing else
  }
  const names = ["name", "code", "Code", "__type"].map((key) => member(error, key));
  const fits = (pattern: RegExp) => names.some((name) => typeof name === "string" && pattern.test(name));
  const status = statusOf(error);
  const isThrottled = status === 429 || fits(THROTTLED);
  if (!isThrottled && (status === 401 || status === 403 || fits(DENIED))) return "PermissionError";
  return isThrottled || status >= 500 || fits(OUT_OF_ORDER) ? "SystemUnavailable" : undefined;
}

/** The HTTP status as the AWS SDK v3, the AWS SDK v2 and common HTTP clients note it; 0 when there is none. */
function statusOf(error: object): number {
  const candidates = [
    member(member(error, "$metadata"), "httpStatusCode"),
    member(error, "statusCode"),
    member(error, "status"),
    member(member(error, "response"), "status"),
  ];
  return candidates.find((value): value is number => typeof value === "number") ?? 0;
}

/**
 * What an error says, in one text that is never empty, whatever was thrown.
 *
 * An error of a service has its name in front when its message does not begin with it: `AccessDenied: no`.
 */
export function failureText(error: unknown): string {
  if (typeof error === "string") return error.trim() === "" ? "An empty text was thrown." : error;
  if (!isObject(error)) return `${String(error)} was thrown.`;
  const message = textIn(error, "message");
  const name = textIn(error, "name");
  if (message.trim() === "") return `${name || "An object"} was thrown without a message.`;
  return name === "Error" || FAILURE_TYPES.has(name) || message.startsWith(name) ? message : `${name}: ${message}`;
}

/** The name of an error; empty for what has none. */
export const nameOf = (error: unknown) => (error instanceof Error ? error.name : "");

/** The code of an error, as Node has it; empty for what has none. */
export const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "");

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

function textIn(from: object, key: string): string {
  const value = member(from, key);
  return typeof value === "string" ? value : "";
}
