/**
 * Bundles the program into `packages/cli/dist`: ES modules, split where the sources import lazily, so that a start reads
 * only what it needs. Does nothing when no input changed. The toolkit is built along (`build-toolkit.mjs`).
 */
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { thirdPartyText } from "./build/licences.mjs";
import { buildToolkit, isToolkitBuilt } from "./build-toolkit.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "packages", "cli", "dist");

/** Tells what the program was built from. */
const note = join(dist, "inputs.txt");

/** Files that the program reads at run time. Each keeps its place relative to the module that names it. */
const ASSETS = [
  "packages/server/src/functions/runtimes",
  "packages/server/src/objects/md5-thread.mjs",
  "packages/cli/schema",
  "packages/cli/templates",
  "packages/cli/package.json",
];

/** Where the assets stand under `dist`, in the tree's own shape. */
const ASSET_FOLDER = "files";

/** What a package must carry, and stands at the top of the workspace. */
const LEGAL = ["LICENSE", "NOTICE"];
const THIRD_PARTY = "THIRD-PARTY.txt";

/** A statement of the store: Biome ends each with the first line that ends in a semicolon and is not indented. */
const STATEMENT = /^export const (\w+) = statement<(?:.*\);$|[\s\S]*?^\S.*;$)/gm;

const MAIN = "packages/cli/src/main.ts";

const OPTIONS = {
  absWorkingDir: root,
  entryPoints: { main: MAIN },
  outdir: dist,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  sourcemap: "linked",
  // Names stay readable in stack traces.
  minify: false,
  keepNames: false,
  legalComments: "none",
  // Only remote back ends need the AWS SDK, and only packaging needs esbuild; who uses one installs it.
  external: ["@aws-sdk/client-*", "@aws-sdk/lib-*", "@aws-sdk/credential-*", "esbuild"],
  // CommonJS dependencies ask for built-ins, and nothing else, with `require`, which an ES module does not have.
  banner: { js: "const require = process.getBuiltinModule;" },
  logLevel: "silent",
  write: false,
  metafile: true,
};

const pluginsFor = (companions) => [
  { name: "module-places", setup: (build) => keepModulePlaces(build, companions) },
  { name: "statements", setup: buildStatements },
  { name: "built-ins", setup: loadBuiltInsLazily },
];

const SERVER = "packages/server/src/index.ts";

/** Built-ins that take a millisecond or more to load, and are loaded when one of their functions is first called. */
const CALLED_LATER = ["node:crypto", "node:fs/promises", "node:zlib"];

/** What runs before the server is loaded, or without it. It is little, and read at every start. */
const BEFORE_THE_SERVER = [
  "packages/cli/src/execution/head-start.ts",
  "packages/cli/src/commands/clock-advance.ts",
  "packages/cli/src/commands/job-why.ts",
  "packages/cli/src/server-port.ts",
  "packages/server/src/ahead.ts",
];

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));

async function main(options) {
  try {
    const say = (line) => console.log(`build: ${line}`);
    await buildProgram({ say, force: options.includes("--force") });
    buildToolkit({ say });
    return 0;
  } catch (error) {
    if (!Array.isArray(error.errors)) throw error;
    return 1; // esbuild's own errors are already shown
  }
}

/** Whether the inputs are as they were at the last build. Runs on any Node; the build itself needs 24. */
export function isBuilt() {
  return isToolkitBuilt() && existsSync(note) && readFileSync(note, "utf8") === hashInputs();
}

/** Builds the program unless it is built. Throws what esbuild throws. */
async function buildProgram({ say, force = false }) {
  if (!force && existsSync(note) && readFileSync(note, "utf8") === hashInputs()) return;
  const inputs = hashInputs();
  const startedAt = performance.now();
  const written = await bundle();
  for (const asset of ASSETS) copyAsset(asset);
  for (const name of LEGAL) cpSync(join(root, name), join(dist, name));
  writeFileSync(note, inputs);
  removeOthers([...written, ...LEGAL, THIRD_PARTY, "inputs.txt", ASSET_FOLDER]);
  say(`the program is built, in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

/** Writes chunks first and the entry last, so that whoever starts meanwhile gets one whole version. Answers the file names. */
async function bundle() {
  const esbuild = await import("esbuild");
  const build = (options) =>
    esbuild.build(options).catch(async (error) => {
      for (const line of await esbuild.formatMessages(error.errors ?? [], { kind: "error", color: false }))
        console.error(line.trimEnd());
      throw error;
    });
  const { metafile } = await build({ ...OPTIONS, plugins: pluginsFor(new Map()) });
  const result = await build({ ...OPTIONS, plugins: pluginsFor(companionsOf(metafile)) });
  if (result.warnings.length > 0) {
    for (const line of await esbuild.formatMessages(result.warnings, { kind: "warning", color: false }))
      console.error(line.trimEnd());
    throw Object.assign(new Error("The build has warnings."), { errors: result.warnings });
  }
  mkdirSync(dist, { recursive: true });
  const entry = join(dist, "main.js");
  const entryLast = result.outputFiles.toSorted((a, b) => Number(a.path === entry) - Number(b.path === entry));
  for (const file of entryLast) {
    writeFileSync(`${file.path}.new`, file.contents);
    renameSync(`${file.path}.new`, file.path);
  }
  writeFileSync(join(dist, THIRD_PARTY), thirdPartyText(root, bundledFiles(result.metafile)));
  return entryLast.map((file) => relative(dist, file.path));
}

/** Sources of which something is left in the bundle. */
function bundledFiles({ outputs }) {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
}

/**
 * What else an entry is made to import, by entry.
 *
 * A chunk is made for each set of entries that share a module, and whatever is imported lazily is an entry: a start read
 * fifty files, a third of a millisecond each. So every entry imports what runs before the server, and all but that the
 * server as well, which is there by then or needed in any case. Then each of the two is shared by all, and is one file.
 */
function companionsOf({ outputs }) {
  const entries = Object.values(outputs).flatMap(({ entryPoint }) => entryPoint ?? []);
  const isEarly = (entry) => entry === MAIN || BEFORE_THE_SERVER.includes(entry);
  const companions = (entry) => (isEarly(entry) ? BEFORE_THE_SERVER : [SERVER, ...BEFORE_THE_SERVER]);
  const ours = entries.filter((entry) => entry.startsWith("packages/"));
  return new Map(ours.map((entry) => [entry, companions(entry).filter((other) => other !== entry)]));
}

/**
 * A bundled module is no longer where its source was, so `new URL("./runtimes/…", import.meta.url)` would miss. Each
 * `import.meta.url` becomes the module's old place below `dist/files`, where the assets are.
 */
function keepModulePlaces(build, companions) {
  build.onLoad({ filter: /\/packages\/[^/]+\/src\/.*\.ts$/ }, ({ path }) => {
    const source = readFileSync(path, "utf8");
    const place = relative(root, path).split(sep).join("/");
    const errors = [...unbuildable(source, path, place)].map((text) => ({ text, location: { file: place } }));
    if (errors.length === 0 && !source.includes("import.meta.url") && !companions.has(place)) return undefined;
    const moved = `new URL(${JSON.stringify(`./${ASSET_FOLDER}/${place}`)}, import.meta.url).href`;
    const others = (companions.get(place) ?? []).map(
      (other, index) => `\nexport * as companion${index} from ${JSON.stringify(join(root, other))};`,
    );
    return { contents: source.replaceAll("import.meta.url", moved) + others.join(""), loader: "ts", errors };
  });
}

/** The query builder does its work here, once, so that the program need not even load it. */
function buildStatements(build) {
  build.onLoad({ filter: /\/packages\/server\/src\/store\/[a-z-]+\.ts$/ }, async ({ path }) => {
    const source = readFileSync(path, "utf8");
    if (!source.match(STATEMENT) || path.endsWith("/statement.ts")) return undefined;
    const module = await import(pathToFileURL(path).href);
    const contents = source.replaceAll(STATEMENT, (_, name) => {
      const compiled = JSON.stringify(module[name].compiled());
      return `export const ${name} = /* @__PURE__ */ ((compiled) => ({ compiled: () => compiled }))(${compiled});`;
    });
    return { contents, loader: "ts" };
  });
}

/**
 * An import of a built-in evaluates all of its exports, also those that are made on demand: `node:http` brings an HTTP
 * client of 20 ms along, `node:crypto` the web's cryptography. Taken by name instead, each costs what is used.
 */
function loadBuiltInsLazily(build) {
  build.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
    kind === "import-statement" ? { path, namespace: "built-in", sideEffects: false } : undefined,
  );
  build.onLoad({ filter: /.*/, namespace: "built-in" }, ({ path }) => {
    const isLater = CALLED_LATER.includes(path);
    const load = isLater
      ? ["let loaded;", `const load = () => (loaded ??= process.getBuiltinModule("${path}"));`]
      : [`const module = process.getBuiltinModule("${path}");`, "const load = () => module;", "export default module;"];
    const ways = [
      "const at = (name) => load()[name];",
      "const later = (name) => (...given) => load()[name](...given);",
    ];
    const exported = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(path)))
      .filter(([name]) => name !== "default" && /^[\w$]+$/.test(name))
      .map(([name, { get, value }]) => {
        if (get) return `export { ${name} } from "on-demand:${path}#${name}";`;
        const way = isLater && isPlainFunction(name, value) ? "later" : "at";
        return `export const ${name} = /* @__PURE__ */ ${way}("${name}");`;
      });
    return { contents: [...load, ...ways, ...exported].join("\n") };
  });
  // A module of its own each, so that only the chunks that use it make it.
  build.onResolve({ filter: /^on-demand:/ }, ({ path }) => ({ path, namespace: "on-demand", sideEffects: false }));
  build.onLoad({ filter: /.*/, namespace: "on-demand" }, ({ path }) => {
    const [, module, name] = /^on-demand:(.*)#(.*)$/.exec(path) ?? [];
    return {
      contents: `export const ${name} = /* @__PURE__ */ (() => process.getBuiltinModule("${module}").${name})();`,
    };
  });
}

/** Whether a call can stand for it: no class. */
function isPlainFunction(name, value) {
  return typeof value === "function" && /^[a-z]/.test(name);
}

/** What would work from the sources and fail in the bundle. */
function* unbuildable(source, path, place) {
  if (/^(?!\s*(\*|\/\/|\/\*)).*\bimport\(\s*[^"'`\s)]/m.test(source))
    yield `${place}: import() of a name that the build cannot see`;
  if (/import\.meta\.(dirname|filename|resolve)\b/.test(source)) {
    yield `${place}: the build can move import.meta.url, but not import.meta.dirname, filename or resolve`;
  }
  for (const [, target] of source.matchAll(/new URL\(\s*["'](\.[^"']*)["'],\s*import\.meta\.url/g)) {
    const file = relative(root, join(dirname(path), target))
      .split(sep)
      .join("/");
    if (!ASSETS.some((asset) => `${file}/`.startsWith(`${asset}/`)))
      yield `${place}: ${file} is read at run time but is no asset of tools/build.mjs`;
  }
}

function copyAsset(asset) {
  const target = join(dist, ASSET_FOLDER, asset);
  rmSync(target, { recursive: true, force: true });
  if (existsSync(join(root, asset)))
    cpSync(join(root, asset), target, { recursive: true, filter: (path) => !isLeftOut(path) });
}

function removeOthers(kept) {
  for (const name of readdirSync(dist))
    if (!kept.includes(name)) rmSync(join(dist, name), { recursive: true, force: true });
}

/** Sizes and times of change tell an edit; reading every file would take longer than is worth it on each start. */
function hashInputs() {
  const hash = createHash("sha256");
  for (const input of ["package-lock.json", "tools/build.mjs", "tools/build", "packages"]) {
    for (const path of filesBelow(join(root, input))) {
      const { size, mtimeMs } = statSync(path);
      hash.update(`${relative(root, path)} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest("hex");
}

function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => !isLeftOut(name));
  return names.sort().flatMap((name) => filesBelow(join(path, name)));
}

/** Tests are of no use to the program, except for those that `penstock init` writes. */
function isLeftOut(path) {
  return /(^|\/)(node_modules|dist(-\w+)?|__pycache__)$|^(?!.*\/templates\/).*\.test\.ts$/.test(path);
}
