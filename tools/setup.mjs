/**
 * `npm run setup`: brings what Penstock needs to run on this machine. Starts from any Node 20 or newer.
 *
 * Each step looks first and does nothing when what it brings is there, so a second run takes milliseconds and needs no
 * network. A step that cannot go on says what to install by hand. With `--for-tests` it also brings what only the
 * tests need. Exit status: 0 all is there, 3 something is missing.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { findAwsCli } from "./setup/aws-cli.mjs";
import { bringCdk } from "./setup/cdk.mjs";
import { bringDebianPackages } from "./setup/debian-packages.mjs";
import { findDebugpy } from "./setup/debugpy.mjs";
import { bringJest } from "./setup/jest.mjs";
import { bringNode } from "./setup/node.mjs";
import { installPackages } from "./setup/packages.mjs";
import { buildProgram } from "./setup/program.mjs";
import { findPython } from "./setup/python.mjs";
import { Missing } from "./setup/run.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

process.exitCode = await setUp(process.argv.slice(2));

async function setUp(options) {
  const unknown = options.find((option) => option !== "--for-tests");
  if (unknown) {
    console.error(`setup: unknown option ${unknown}; the only one is --for-tests`);
    return 2;
  }
  // Without Node and the packages nothing can follow; without an interpreter the rest is still worth having.
  const needed = [bringNode, installPackages];
  const wanted = options.includes("--for-tests")
    ? [findPython, findAwsCli, bringDebianPackages, findDebugpy, bringCdk, bringJest, buildProgram]
    : [findPython, buildProgram];
  for (const step of needed) if (!(await succeeds(step))) return 3;
  let status = 0;
  for (const step of wanted) if (!(await succeeds(step))) status = 3;
  return status;
}

async function succeeds(step) {
  try {
    await step({ root, say: (line) => console.log(`setup: ${line}`) });
    return true;
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    console.error(`setup: ${error.message}`);
    return false;
  }
}
