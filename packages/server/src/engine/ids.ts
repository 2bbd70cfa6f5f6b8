import { createHash } from "node:crypto";

/**
 * The uuid of a path that the core made, such as `execution/stage/action/attempt`: the same path always
 * gives the same uuid, so an effect that is run twice names the same thing. The form is that of a version 5 uuid.
 */
export function uuidOfPath(path: string): string {
  const bytes = createHash("sha1").update(path).digest();
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex", 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
