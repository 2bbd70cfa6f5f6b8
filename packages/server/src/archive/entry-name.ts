import { InvalidZip } from "./invalid-zip.ts";

/** Bytes of a whole name, and of one part of it, that file systems accept. */
const NAME_BYTES_MAX = 4096;
const PART_BYTES_MAX = 255;

/**
 * The path of an entry inside the folder: parts joined by `/`, without `.` and empty parts.
 *
 * Errors: `InvalidZip` for a name that leads out of the folder (absolute, with a drive, with `..`), or that could
 * be read in two ways (backslash, NUL).
 */
export function safeEntryPath(name: string, targetDir: string): string {
  if (name.includes("\0")) throw badName(name, "has a NUL byte in its name");
  if (name.includes("\\")) throw badName(name, "has a backslash in its name; the parts of a name are separated by '/'");
  if (name.startsWith("/") || /^[A-Za-z]:/.test(name)) throw escapes(name, targetDir, "its name is absolute");
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw escapes(name, targetDir, "its name contains '..'");
  if (parts.length === 0 && !name.endsWith("/")) throw badName(name, "has no name");
  const path = parts.join("/");
  if (Buffer.byteLength(path) > NAME_BYTES_MAX || parts.some((part) => Buffer.byteLength(part) > PART_BYTES_MAX)) {
    throw badName(
      `${name.slice(0, 80)}…`,
      `has a name longer than a file system takes (${PART_BYTES_MAX} bytes a part)`,
    );
  }
  return path;
}

/**
 * Checks that a symbolic link stays inside the folder, whatever other links its target passes through.
 *
 * `..` is only accepted in front: there it climbs real folders (no entry lies behind a link), so it
 * can be counted. Behind a name it could climb from wherever another link has led.
 */
export function checkLinkTarget(path: string, target: string, targetDir: string): void {
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  const climbs = parts.findIndex((part) => part !== "..");
  const up = climbs === -1 ? parts.length : climbs;
  const depth = path.split("/").length - 1;
  const leaves = target.startsWith("/") || up > depth || parts.slice(up).includes("..");
  if (target === "" || target.includes("\0") || target.includes("\\") || leaves) {
    throw new InvalidZip(
      "escapes",
      `entry '${path}' is a symbolic link to '${target}', which would lead outside ${targetDir}; only links that stay inside are unpacked`,
    );
  }
}

const escapes = (name: string, targetDir: string, why: string) =>
  new InvalidZip("escapes", `entry '${name}' would be written outside ${targetDir}: ${why}`);

const badName = (name: string, what: string) => new InvalidZip("badName", `entry '${name}' ${what}`);
