#!/usr/bin/env node
/** Starts the command line; under an older Node it hands over to the Node 24 that set-up brought, or says what is missing. */

// An import would evaluate all that a built-in exports, and of `node:fs` that is a lot. Older versions hand over at once.
const fs = process.getBuiltinModule?.("node:fs");

// As `isNewEnough` of node24.mjs, which a usual start does not load.
if (Number.parseInt(process.versions.node, 10) >= 24) {
  process.getBuiltinModule("node:module").enableCompileCache();
  if (!import.meta.url.includes("/node_modules/")) useNotedPython();
  const built = new URL("../dist/main.js", import.meta.url);
  await import(fs.existsSync(built) ? built : new URL("../src/main.ts", import.meta.url));
} else {
  await handOver();
}

/** In Penstock's own checkout, functions run on the Python that set-up found. */
function useNotedPython() {
  if (process.env.PENSTOCK_PYTHON) return;
  const note = new URL("../../../.tools/python.json", import.meta.url);
  if (!fs.existsSync(note)) return;
  process.env.PENSTOCK_PYTHON = JSON.parse(fs.readFileSync(note, "utf8")).executable;
}

async function handOver() {
  const { fileURLToPath } = await import("node:url");
  const { NODE_MAJOR_MIN, NODE_PACKAGE, findNode24, runInstead } = await import("./node24.mjs");
  const here = fileURLToPath(import.meta.url);
  const node = findNode24(here);
  if (node) {
    runInstead(node, [here, ...process.argv.slice(2)]);
    return;
  }
  console.error(`Penstock needs Node 24 or newer; this is ${process.version}.`);
  console.error("Install it from nodejs.org or with a version manager, or put it beside Penstock:");
  console.error(`  npm install --save-dev ${NODE_PACKAGE}@${NODE_MAJOR_MIN}`);
  console.error("In Penstock's own checkout: npm run setup");
  process.exitCode = 3;
}
