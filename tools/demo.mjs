/** `npm run demo [-- options of penstock run]`: runs the demo pipeline with the built program, in this process's place. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runInstead } from "../packages/cli/bin/node24.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

runInstead(process.execPath, [
  join(root, "packages/cli/bin/penstock.mjs"),
  "run",
  join(root, "examples/demo"),
  ...process.argv.slice(2),
]);
