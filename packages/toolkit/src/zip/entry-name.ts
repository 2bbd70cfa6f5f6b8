import { badEntry } from "./invalid-zip.ts";

/** Bytes of a whole name, and of one part of it, that file systems accept. */
const NAME_BYTES_MAX = 4096;
const PART_BYTES_MAX = 255;

/**
 * The path of an entry inside its folder: parts joined by `/`, without `.` and empty parts.
 *
 * Errors: `InvalidZip` for a name that leads out of the folder, or that could be read in two ways.
 */
export function entryPath(name: string): string {
  if (/[\0\\]/.test(name)) throw badEntry("badName", name, "has a NUL byte or a backslash in its name");
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  const isAbsolute = /^(\/|[a-z]:)/i.test(name);
  if (isAbsolute || parts.includes("..")) {
    throw badEntry(
      "escapes",
      name,
      `leads out of its folder: its name ${isAbsolute ? "is absolute" : "contains '..'"}`,
    );
  }
  if (parts.length === 0 && !name.endsWith("/")) throw badEntry("badName", name, "has no name");
  const path = parts.join("/");
  if (Buffer.byteLength(path) > NAME_BYTES_MAX || parts.some((part) => Buffer.byteLength(part) > PART_BYTES_MAX)) {
    throw badEntry(
      "badName",
      `${name.slice(0, 80)}…`,
      `has a name of more than ${PART_BYTES_MAX} bytes a part, or ${NAME_BYTES_MAX}`,
    );
  }
  return path;
}
