import { InvalidZip } from "./invalid-zip.ts";

/** Bytes of a whole name, and of one part of it, that file systems accept. */
const NAME_BYTES_MAX = 4096;
const PART_BYTES_MAX = 255;

/**
 * The path of an entry inside its folder: parts joined by `/`, without `.` and empty parts.
 *
 * Errors: `InvalidZip` for a name that leads out of the folder, or that could be read in two ways.
 */
export function entryPath(name: string): string {
  if (name.includes("\0") || name.includes("\\")) throw refused(name, "has a NUL byte or a backslash in its name");
  if (name.startsWith("/") || /^[A-Za-z]:/.test(name)) throw escapes(name, "its name is absolute");
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw escapes(name, "its name contains '..'");
  if (parts.length === 0 && !name.endsWith("/")) throw refused(name, "has no name");
  const path = parts.join("/");
  if (Buffer.byteLength(path) > NAME_BYTES_MAX || parts.some((part) => Buffer.byteLength(part) > PART_BYTES_MAX)) {
    throw refused(
      `${name.slice(0, 80)}…`,
      `has a name longer than a file system takes (${PART_BYTES_MAX} bytes a part)`,
    );
  }
  return path;
}

const escapes = (name: string, why: string) =>
  new InvalidZip("escapes", `entry '${name}' would be written outside its folder: ${why}`);
const refused = (name: string, what: string) => new InvalidZip("badName", `entry '${name}' ${what}`);
