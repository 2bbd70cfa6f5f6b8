import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of the workspace, with a slash at its end. */
export const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Every file that is or would be committed, relative to the workspace, by its name in git. */
export function trackedFiles(): readonly string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], { cwd: ROOT, encoding: "utf8" });
  return [...new Set(listed.split("\0"))].filter((path) => path !== "" && existsSync(ROOT + path)).sort();
}
