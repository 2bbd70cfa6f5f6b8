import { badEntry } from "./invalid-zip.ts";

/**
 * The path of an entry inside its folder: parts joined by `/`, without `.` and empty parts.
 *
 * Errors: `InvalidZip` for a name that leads out of the folder, or that could be read in two ways.
 */
export function entryPath(name: string): string {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (/[\0\\]/.test(name) || (parts.length === 0 && !name.endsWith("/"))) {
    throw badEntry("badName", name, "has no name, or a NUL byte or a backslash in it");
  }
  if (/^(\/|[a-z]:)/i.test(name) || parts.includes("..")) {
    throw badEntry("escapes", name, "leads out of its folder: its name is absolute or contains '..'");
  }
  return parts.join("/");
}
