import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aptInstall, firstAnswer, Missing, programsOnPath, run } from "./run.mjs";

/** Finds the AWS CLI, which the conformance tests drive, and notes it in `.tools/aws.json` as `{ executable, version }`. */
export function findAwsCli({ root, say }) {
  const note = join(root, ".tools", "aws.json");
  if (existsSync(note) && existsSync(JSON.parse(readFileSync(note, "utf8")).executable)) return;
  const found = onPath() ?? (aptInstall(["awscli"], say) ? onPath() : undefined);
  if (!found) {
    throw new Missing(
      "the tests drive the AWS CLI, and there is none.\n" +
        "Install it, on Debian or Ubuntu with: apt-get install awscli\nor as its own pages say. Then run this again.",
    );
  }
  say(`the tests use ${found.version}`);
  mkdirSync(join(root, ".tools"), { recursive: true });
  writeFileSync(note, `${JSON.stringify(found, null, 2)}\n`);
}

function onPath() {
  return firstAnswer(programsOnPath(/^aws$/), probe);
}

function probe(executable) {
  const { ok, stdout } = run(executable, ["--version"], { timeoutMs: 60_000 });
  return ok ? { executable, version: stdout.trim().split(" ")[0] } : undefined;
}
