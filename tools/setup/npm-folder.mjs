import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";

/**
 * Brings packages into `.tools/<name>`, which only some tests need: none is a dependency of the workspace. Answers what
 * went wrong, if anything; then nothing of them is there.
 */
export function bringNpmFolder({ root, say }, name, packages) {
  const place = join(root, ".tools", name);
  const manifest = `${JSON.stringify({ private: true, dependencies: packages }, null, 2)}\n`;
  const note = join(place, "package.json");
  if (existsSync(note) && readFileSync(note, "utf8") === manifest) return undefined;
  say(`bringing ${Object.keys(packages).join(" and ")} for the tests`);
  mkdirSync(join(root, ".tools"), { recursive: true });
  const folder = mkdtempSync(join(root, ".tools", "fetch-"));
  try {
    writeFileSync(join(folder, "package.json"), manifest);
    const args = ["install", "--prefix", folder, "--ignore-scripts", "--no-package-lock", "--no-fund", "--no-audit"];
    const installed = run("npm", args, { cwd: folder });
    if (!installed.ok) return installed.error;
    rmSync(place, { recursive: true, force: true });
    renameSync(folder, place);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
