/**
 * Builds what is published of `packages/toolkit`, into its `dist`: once as ES modules and once as CommonJS, each with
 * declarations and maps to the sources, file by file, so that bundlers drop what a function does not use.
 *
 * `npm pack` calls it (`prepack`), and so does the build of the program. Does nothing when no input changed.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const toolkit = join(root, "packages", "toolkit");
const dist = join(toolkit, "dist");

/** Tells what the library was built from. */
const NOTE = "inputs.txt";

/** The second decides how Node reads the `.js` files below. */
const FORMATS = [
  ["esm", "module"],
  ["cjs", "commonjs"],
];

if (process.argv[1] === fileURLToPath(import.meta.url)) buildToolkit({ say: (line) => console.log(`build: ${line}`) });

/** Whether there is a build at all. Runs on any Node. */
export function isToolkitBuilt() {
  return existsSync(join(dist, NOTE));
}

/** Builds the library unless it is built; whoever reads it meanwhile has the old one. Throws when the compiler does not accept it. */
export function buildToolkit({ say }) {
  const inputs = hashInputs();
  if (isToolkitBuilt() && readFileSync(join(dist, NOTE), "utf8") === inputs) return;
  const startedAt = performance.now();
  const fresh = mkdtempSync(`${dist}-`);
  try {
    for (const [format, type] of FORMATS) buildFormat(format, type, join(fresh, format));
    copyFileSync(join(root, "LICENSE"), join(fresh, "LICENSE"));
    writeFileSync(join(fresh, NOTE), inputs);
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  say(`the toolkit is built, in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

function buildFormat(format, type, folder) {
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const options = ["-p", join(toolkit, `tsconfig.${format}.json`), "--outDir", folder];
  const { status } = spawnSync(process.execPath, [compiler, ...options], { stdio: "inherit" });
  if (status !== 0) throw new Error(`The toolkit does not compile as ${format}.`);
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ type, sideEffects: false })}\n`);
  for (const path of filesBelow(folder)) if (path.endsWith(".d.ts")) renameImports(path);
}

/** The compiler renames `./x.ts` in what runs, but not in declarations. */
function renameImports(path) {
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace(/((?:from|import\() ?"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"'));
}

function hashInputs() {
  const hash = createHash("sha256");
  const configurations = ["tsconfig.esm.json", "tsconfig.cjs.json", "package.json"].map((name) => join(toolkit, name));
  for (const path of [fileURLToPath(import.meta.url), ...configurations, ...filesBelow(join(toolkit, "src"))]) {
    hash.update(path.slice(root.length)).update(readFileSync(path));
  }
  return hash.digest("hex");
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
