/**
 * Why a zip was refused.
 *
 * @example
 * ```ts
 * const expected: InvalidZipReason = "escapes";
 * ```
 */
export type InvalidZipReason =
  | "notAZip"
  | "corrupt" // a checksum, a size or a structure is not what the zip itself says
  | "escapes" // an entry leads out of the folder
  | "badName"
  | "duplicate"
  | "overlap"
  | "tooLarge" // more bytes, entries or gain than the limits allow
  | "unsupported"; // encryption, an unknown compression, a link, a device

/**
 * A zip that cannot or must not be unpacked. The message is for people and names the entry at fault.
 *
 * In a job that does not catch it, it is a failure of type `JobFailed`.
 *
 * @example
 * ```ts
 * if (error instanceof InvalidZip && error.reason === "tooLarge") console.log(error.message);
 * ```
 */
export class InvalidZip extends Error {
  /** Always `InvalidZip`. */
  override readonly name = "InvalidZip";
  /** For programs. */
  readonly reason: InvalidZipReason;

  /** For the toolkit itself. */
  constructor(reason: InvalidZipReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** What is wrong with one entry. */
export const badEntry = (reason: InvalidZipReason, path: string, what: string, options?: ErrorOptions) =>
  new InvalidZip(reason, `entry '${path}' ${what}`, options);
