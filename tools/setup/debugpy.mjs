import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aptInstall, firstAnswer, programsOnPath, run } from "./run.mjs";

/**
 * Finds a Python that has debugpy, for the test of `penstock replay --inspect`, and notes it in `.tools/debugpy.json` as
 * `{ executable }`. Without one that test is left out, so nothing is missing.
 */
export function findDebugpy({ root, say }) {
  const note = join(root, ".tools", "debugpy.json");
  if (existsSync(note) && existsSync(JSON.parse(readFileSync(note, "utf8")).executable)) return;
  const find = () => firstAnswer(["/usr/bin/python3", ...programsOnPath(/^python3$/)], probe);
  const found = find() ?? (aptInstall(["python3-debugpy"], say) ? find() : undefined);
  if (!found) {
    say("no Python has debugpy, so its test is left out");
    return;
  }
  mkdirSync(join(root, ".tools"), { recursive: true });
  writeFileSync(note, `${JSON.stringify(found, null, 2)}\n`);
}

function probe(executable) {
  if (!existsSync(executable)) return undefined;
  return run(executable, ["-c", "import debugpy"], { timeoutMs: 60_000 }).ok ? { executable } : undefined;
}
