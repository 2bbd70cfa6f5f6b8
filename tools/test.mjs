/**
 * `npm test [-- vitest arguments]`: the checks, a build, then the tests. Ends with `N passed, N failed, N skipped`,
 * also when it does not come to the tests. Exit status: 0 all passed, 1 otherwise.
 */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const tools = dirname(fileURLToPath(import.meta.url));

process.exitCode = test(process.argv.slice(2));

function test(args) {
  for (const script of ["check.mjs", "build.mjs"]) {
    if (run(process.execPath, [join(tools, script)])) continue;
    console.log("\n0 passed, 1 failed, 0 skipped");
    return 1;
  }
  return run("vitest", ["run", ...args]) ? 0 : 1;
}

function run(program, args) {
  return spawnSync(program, args, { stdio: "inherit" }).status === 0;
}
