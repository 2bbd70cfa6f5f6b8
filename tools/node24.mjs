/**
 * `node tools/node24.mjs <program or script> [arguments]`: runs a command with Node 24 first on PATH.
 *
 * A script (`.mjs`, `.js`, `.ts`) is run by that Node itself. Signals and the exit code are passed on. Functions run on
 * the Python that set-up found, unless PENSTOCK_PYTHON names another.
 */
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findNode24, notedPython, runInstead } from "../packages/cli/bin/node24.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command, ...args] = process.argv.slice(2);
const node = findNode24(root);

if (!command) {
  console.error("Usage: node tools/node24.mjs <program or script> [arguments]");
  process.exitCode = 2;
} else if (!node) {
  console.error(`This needs Node 24 or newer, and this is ${process.version}. Run: npm run setup`);
  process.exitCode = 3;
} else {
  const folders = [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH ?? ""];
  const env = { ...process.env, PATH: folders.join(delimiter) };
  env.PENSTOCK_PYTHON ??= notedPython(root);
  if (/\.(mjs|js|ts)$/.test(command)) runInstead(node, [command, ...args], env);
  else runInstead(command, args, env);
}
