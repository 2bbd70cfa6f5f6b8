import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";

const VERSION = "30.5.2";

/**
 * Brings jest into `.tools/jest`, for the test that runs the library's test kit under it. It is no package of the
 * workspace: it has 250 of its own, and some under licences that the workspace does without.
 */
export function bringJest({ root, say }) {
  const place = join(root, ".tools", "jest");
  if (existsSync(place)) return;
  mkdirSync(join(root, ".tools"), { recursive: true });
  const folder = mkdtempSync(join(root, ".tools", "fetch-"));
  try {
    const fetched = run(
      "npm",
      ["install", "--prefix", folder, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", `jest@${VERSION}`],
      { cwd: folder },
    );
    if (fetched.ok) renameSync(folder, place);
    else say(`jest could not be brought, and the test that runs under it will be skipped:\n${fetched.error}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
