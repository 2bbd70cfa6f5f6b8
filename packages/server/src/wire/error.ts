/** An error that the caller can act on. It alone reaches the wire as itself. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  /** The service's own error code, such as `JobNotFoundException` or `NoSuchKey`. */
  readonly code: string;
  /** HTTP status. Source: reference §1.1, observed 400 for every error of an awsJson service. */
  readonly status: number;
  /** Further members of the error body, by their wire names. */
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, detail: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.detail = detail;
  }
}

/** A bug of ours: a state that the code rules out. The caller gets a 500, the log gets everything. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/**
 * Members of a `ServiceError`'s detail that become headers of the reply instead of parts of its body: put them under
 * this name, such as `{ headers: { etag } }` beside a 304.
 */
export const DETAIL_HEADERS = "headers";
