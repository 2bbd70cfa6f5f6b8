/**
 * One file of a Node function: its handler with all that it imports, but the AWS SDK, which the runtime has.
 *
 * The same sources give the same bytes wherever they and their packages lie: a place of a package is written from its
 * last `node_modules` on.
 */
import { basename } from "node:path";
import type { BuildFailure, BuildOptions, BuildResult, Message, OutputFile } from "esbuild";
import { type Failure, inputWrong } from "../failure.ts";
import { handlerFile } from "../project/function-code.ts";
import { type Esbuild, loadEsbuild } from "./esbuild.ts";

export interface BundleChoice {
  readonly functionName: string;
  readonly codeDir: string;
  readonly handler: string;
  /** Such as `nodejs24.x`. */
  readonly runtime: string;
  /** Packages that are left to the runtime or a layer. */
  readonly external: readonly string[];
  /** Puts the AWS SDK in as well. */
  readonly withSdk: boolean;
  readonly minify: boolean;
}

export interface Bundle {
  /** By their paths in the zip: the code, and its source map. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Packages that the runtime or a layer must have. */
  readonly leftOut: readonly string[];
  readonly warnings: readonly string[];
}

type Built = BuildResult<{ metafile: true; write: false }>;

/** Bundles a function. Throws a `Failure` (exit status 2) for code that cannot be bundled. */
export async function bundleFunction(choice: BundleChoice): Promise<Bundle> {
  const { codeDir, handler, functionName } = choice;
  const file = handlerFile(codeDir, handler)?.file;
  if (!file) throw inputWrong(`function ${functionName}: there is no file for ${handler}`, "Correct the handler.");
  const esbuild = await loadEsbuild(codeDir);
  const isModule = nodeVersionOf(choice.runtime) >= FIRST_WITH_MODULES && (await isEsModule(esbuild, file));
  const options = optionsFor(choice, file, isModule);
  const plain = await build(esbuild, choice, options);
  const usesCommonJs =
    isModule && plain.outputFiles.some(({ path, text }) => !path.endsWith(".map") && USES.test(text));
  const built = usesCommonJs ? await build(esbuild, choice, { ...options, banner: { js: COMMON_JS_NAMES } }) : plain;
  if (isModule) expectExport(choice, built);
  return {
    files: new Map(built.outputFiles.map((output) => written(output, built, codeDir))),
    leftOut: externalsOf(built),
    warnings: built.warnings.map(placed),
  };
}

/** Older runtimes load CommonJS only. Source: Lambda developer guide, "Node.js runtimes". */
const FIRST_WITH_MODULES = 14;
/** From here on the runtime has version 3 of the SDK, before it version 2. Source: Lambda developer guide, "Node.js runtimes". */
const FIRST_WITH_SDK_3 = 18;

function nodeVersionOf(runtime: string): number {
  return Number(/^nodejs(\d+)/.exec(runtime)?.[1] ?? 0);
}

/** As Node would take the file: by its extension, the nearest package.json, and its syntax. */
async function isEsModule(esbuild: Esbuild, file: string): Promise<boolean> {
  if (/\.[cm][jt]s$/.test(file)) return /\.m[jt]s$/.test(file);
  try {
    const { metafile } = await esbuild.build({ ...QUIET, entryPoints: [file], metafile: true });
    return Object.values(metafile.inputs)[0]?.format === "esm";
  } catch {
    return true; // what is wrong with the file is told by the build itself
  }
}

const QUIET = { write: false, logLevel: "silent", outdir: "." } as const satisfies BuildOptions;

/** An ES module has neither of these, and packages written as CommonJS use them. */
const COMMON_JS_NAMES = [
  'import { createRequire as penstockRequire } from "node:module";',
  'import { dirname as penstockFolder } from "node:path";',
  'import { fileURLToPath as penstockPath } from "node:url";',
  // In brackets, because Penstock's own build gives every other `url` of a module another value.
  'var penstockFilename = penstockPath(import.meta["url"]);',
  "var penstockDirname = penstockFolder(penstockFilename);",
  "globalThis.require ??= penstockRequire(penstockFilename);",
].join("\n");

/** A bundle in which none of them is read carries none of them. */
const USES = /\b(require|penstockFilename|penstockDirname)\b/;

function optionsFor(
  { codeDir, handler, runtime, external, withSdk, minify }: BundleChoice,
  file: string,
  isModule: boolean,
) {
  const version = nodeVersionOf(runtime);
  const sdk = version >= FIRST_WITH_SDK_3 ? ["@aws-sdk/*", "@smithy/*"] : ["aws-sdk"];
  return {
    ...QUIET,
    absWorkingDir: codeDir,
    entryPoints: [{ in: file, out: handler.slice(0, handler.lastIndexOf(".")) }],
    outdir: codeDir,
    allowOverwrite: true, // nothing is written
    outExtension: { ".js": isModule ? ".mjs" : ".js" },
    bundle: true,
    platform: "node",
    target: `node${version}`,
    format: isModule ? "esm" : "cjs",
    sourcemap: "linked",
    metafile: true,
    charset: "utf8",
    minify,
    // Layers lie in /opt.
    external: [...(withSdk ? [] : sdk), "/opt/*", ...external],
    ...(isModule && { define: { __filename: "penstockFilename", __dirname: "penstockDirname" } }),
  } as const satisfies BuildOptions;
}

async function build(
  esbuild: Esbuild,
  choice: BundleChoice,
  options: ReturnType<typeof optionsFor> & Pick<BuildOptions, "banner">,
): Promise<Built> {
  try {
    return await esbuild.build(options);
  } catch (error) {
    if (!(error instanceof Error && "errors" in error)) throw error;
    throw cannotBundle(choice, error as BuildFailure); // esbuild's own, by its list of errors
  }
}

const MESSAGES_MAX = 5;

function cannotBundle({ functionName, runtime, codeDir }: BundleChoice, failure: BuildFailure): Failure {
  const [first] = failure.errors;
  const missing = /^Could not resolve "([^"]+)"/.exec(first?.text ?? "")?.[1];
  const told = failure.errors.slice(0, MESSAGES_MAX).map(placed).join("\n");
  return inputWrong(
    `function ${functionName} cannot be bundled:\n${told}`,
    remedyFor(missing, first?.text ?? "", runtime, codeDir),
  );
}

function remedyFor(missing: string | undefined, text: string, runtime: string, codeDir: string): string {
  if (missing === "aws-sdk") {
    return `${runtime} has version 3 of the AWS SDK only. Move to @aws-sdk/client-*, or install aws-sdk, which is then packed.`;
  }
  if (missing !== undefined && !missing.startsWith(".")) {
    return `Install it in ${codeDir}: npm install ${packageOf(missing)}\nOr leave it to a layer: --external ${packageOf(missing)}`;
  }
  if (text.includes(".node")) {
    return "A package with machine code is not bundled. Put it into a layer, and name it: --external PACKAGE";
  }
  return "Correct the code; the text above is esbuild's own.";
}

function packageOf(specifier: string): string {
  if (specifier.startsWith("/")) return specifier;
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function placed({ text, location }: Message): string {
  return location ? `${location.file}:${location.line}: ${text}` : text;
}

/** Of an ES module it is known what it exports; the handler must be among that. */
function expectExport({ functionName, handler }: BundleChoice, { metafile }: Built): void {
  const wanted = handler.slice(handler.lastIndexOf(".") + 1);
  const entry = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined);
  if (!entry || entry.exports.includes(wanted)) return;
  throw inputWrong(
    `function ${functionName}: ${basename(entry.entryPoint ?? "")} does not export "${wanted}"`,
    entry.exports.length > 0 ? `It exports: ${entry.exports.join(", ")}.` : "Export it there, or name another handler.",
  );
}

function externalsOf({ metafile }: Built): readonly string[] {
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const names = imports.flatMap(({ path, external }) => (external && !isBuiltIn(path) ? [packageOf(path)] : []));
  return [...new Set(names)].sort();
}

function isBuiltIn(path: string): boolean {
  return path.startsWith("node:") || process.getBuiltinModule(path) !== undefined;
}

/** What goes into the zip of one output. */
function written({ path, text }: OutputFile, { metafile }: Built, codeDir: string): [string, Uint8Array] {
  const name = path.slice(codeDir.length + 1).replaceAll("\\", "/");
  const changed = path.endsWith(".map") ? withPlacesOfMap(text) : withPlaces(text, Object.keys(metafile.inputs));
  return [name, Buffer.from(changed)];
}

/** The names of packages' files in comments, and in the keys of CommonJS modules. */
function withPlaces(code: string, inputs: readonly string[]): string {
  const moved = new Map(inputs.filter((input) => placeOf(input) !== input).map((input) => [input, placeOf(input)]));
  return code.replaceAll(/^(\/\/ | +")(.+?)($|"\()/gm, (line, before, place, after) => {
    const to = moved.get(place);
    return to === undefined ? line : `${before}${to}${after}`;
  });
}

function withPlacesOfMap(text: string): string {
  const map = JSON.parse(text) as { sources: string[] }; // esbuild made it
  return JSON.stringify({ ...map, sources: map.sources.map(placeOf) });
}

/** From the last `node_modules` on. */
function placeOf(path: string): string {
  const at = path.lastIndexOf("node_modules/");
  return at < 0 ? path : path.slice(at);
}
