/** Why a zip was refused. */
export type InvalidZipReason =
  | "notAZip"
  | "corrupt" // a checksum, a size or a structure is not what the zip itself says
  | "escapes" // an entry leads out of the folder
  | "badName"
  | "duplicate"
  | "overlap"
  | "tooLarge" // more bytes, entries or gain than the limits allow
  | "unsupported"; // encryption, an unknown compression, a link, a device

/** A zip that cannot or must not be unpacked. The message is for people and names the entry at fault. */
export class InvalidZip extends Error {
  override readonly name = "InvalidZip";
  readonly reason: InvalidZipReason;

  constructor(reason: InvalidZipReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
