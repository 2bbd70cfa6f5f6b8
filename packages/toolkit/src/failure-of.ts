import type { FailureType } from "./failure.ts";
import { CAUSES_MAX } from "./limits.ts";
import { member } from "./member.ts";

const FAILURE_TYPES: ReadonlySet<unknown> = new Set<FailureType>([
  "JobFailed",
  "ConfigurationError",
  "PermissionError",
  "RevisionOutOfSync",
  "RevisionUnavailable",
  "SystemUnavailable",
]);

/* What errors are called, in their names and codes. */
const THROTTLED = /Throttl|TooManyRequests|SlowDown|(Request|Bandwidth)LimitExceeded|ProvisionedThroughputExceeded/;
const DENIED =
  /AccessDenied|Unauthorized|NotAuthorized|Forbidden|AuthFailure|ExpiredToken|Invalid(AccessKeyId|ClientTokenId|Token|Signature)|SignatureDoesNotMatch|UnrecognizedClient|MissingAuthentication|CredentialsProvider/;
const OUT_OF_ORDER =
  /ServiceUnavailable|Internal(Error|Failure|Server)|RequestTimeout|TimeoutError|NetworkingError|\bE(CONN|TIMEDOUT|NOTFOUND|AI_AGAIN|PIPE|(HOST|NET)UNREACH)|UND_ERR_/;

/**
 * The type of failure that an error means. Anything may be thrown, so anything is taken.
 *
 * Rules, the first that fits counts; they are asked of the error itself, then of its `cause`, and so on, up to 8 deep:
 *
 * 1. A `JobFailure` says it itself, by its `type`; also one of another copy of this library, or anything else that does.
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
  for (let depth = 0; depth < CAUSES_MAX; depth += 1) {
    const type = ownType(link);
    if (type) return type;
    // Of an `AggregateError` without a cause, the first of its errors.
    link = member(link, "cause") ?? member(member(link, "errors"), "0");
  }
  return "JobFailed";
}

function ownType(error: unknown): FailureType | undefined {
  const declared = member(error, "type");
  if (FAILURE_TYPES.has(declared)) return declared as FailureType; // the set has nothing else
  const names = ["name", "code", "Code", "__type"].map((key) => textIn(error, key)).join();
  // As the AWS SDK v3, the AWS SDK v2 and common HTTP clients note it.
  const statuses = [
    member(member(error, "$metadata"), "httpStatusCode"),
    member(error, "statusCode"),
    member(error, "status"),
    member(member(error, "response"), "status"),
  ];
  const status = statuses.find((value): value is number => typeof value === "number") ?? 0;
  const isThrottled = status === 429 || THROTTLED.test(names);
  if (!isThrottled && (status === 401 || status === 403 || DENIED.test(names))) return "PermissionError";
  return isThrottled || status >= 500 || OUT_OF_ORDER.test(names) ? "SystemUnavailable" : undefined;
}

/**
 * What an error says, in one text that is never empty, whatever was thrown.
 *
 * An error of a service has its name in front when its message does not begin with it: `AccessDenied: no`.
 */
export function failureText(error: unknown): string {
  const message = typeof error === "string" ? error : textIn(error, "message");
  const name = textIn(error, "name");
  if (message.trim() === "") {
    const what = error && typeof error === "object" ? "An object" : String(error) || "An empty text";
    return `${name || what} was thrown without a message.`;
  }
  return name === "Error" || FAILURE_TYPES.has(name) || message.startsWith(name) ? message : `${name}: ${message}`;
}

/** A text that is a member of anything, such as the name or the code of an error; empty where there is none. */
export function textIn(from: unknown, key: string): string {
  const value = member(from, key);
  return typeof value === "string" ? value : "";
}
