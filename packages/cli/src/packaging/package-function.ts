/** From a function's folder to a zip that Lambda takes. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { throwAwayFolder } from "../execution/throw-away-folder.ts";
import { inputWrong } from "../failure.ts";
import { checkFunctionCode } from "../project/function-code.ts";
import type { SelectedFunction } from "../project/select-function.ts";
import { shown } from "../project/shown.ts";
import { byteSize } from "../screen/format.ts";
import { loadServer, type ServerPackage } from "../server-port.ts";
import { bundleFunction } from "./bundle-function.ts";
import { isLeftOut, missingRequirements } from "./folder-package.ts";

export interface PackageOptions {
  /** Path of the zip. */
  readonly out: string;
  readonly external: readonly string[];
  /** Files and folders, relative to the code folder, that go into a bundle's zip as they are. */
  readonly include: readonly string[];
  readonly withSdk: boolean;
  readonly minify: boolean;
  /** The zip goes through a bucket, so that it may be larger. */
  readonly forS3: boolean;
}

/** What was packaged, and how Lambda must be told to run it. */
export interface Packaged {
  readonly functionName: string;
  readonly file: string;
  readonly handler: string;
  readonly runtime: string;
  readonly sizeBytes: number;
  readonly unzippedBytes: number;
  readonly fileCount: number;
  /** Base64 of the zip's SHA-256; the same as Lambda's `CodeSha256`. */
  readonly codeSha256: string;
  /** Variables that the function should have in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Packages that the runtime or a layer must have. */
  readonly leftOut: readonly string[];
  readonly notes: readonly string[];
}

/** Unit: bytes. Source: Lambda developer guide, "Lambda quotas": 50 MB zipped, for direct upload. */
export const DIRECT_BYTES_MAX = 50 * 1024 * 1024;
/** Unit: bytes. Source: Lambda developer guide, "Lambda quotas": 250 MB unzipped, with layers. */
export const UNZIPPED_BYTES_MAX = 250 * 1024 * 1024;

/** Packages a function. Throws a `Failure` (exit status 2) for what cannot be bundled or what Lambda would refuse. */
export async function packageFunction(selected: SelectedFunction, options: PackageOptions): Promise<Packaged> {
  const { functionName, declared } = selected;
  checkPackageable(functionName, declared);
  const archive = await loadServer();
  const partial = `${options.out}.unchecked`;
  mkdirSync(dirname(options.out), { recursive: true });
  try {
    const made = declared.runtime.startsWith("nodejs")
      ? await zipBundle(archive, selected, options, partial)
      : await zipCode(archive, selected, options, partial);
    const sizes = await checkSizes(archive, functionName, partial, options.forS3);
    const codeSha256 = createHash("sha256").update(readFileSync(partial)).digest("base64");
    cpSync(partial, options.out);
    const { handler, runtime } = declared;
    return { functionName, file: options.out, handler, runtime, ...sizes, codeSha256, ...made };
  } finally {
    rmSync(partial, { force: true });
  }
}

type Made = Pick<Packaged, "environment" | "leftOut" | "notes">;

function checkPackageable(name: string, { code, handler, runtime }: SelectedFunction["declared"]): void {
  const found = statSync(code, { throwIfNoEntry: false });
  if (!found) throw inputWrong(`function ${name}: its code ${code} is not there`, "Correct the path.");
  if (!found.isDirectory()) {
    throw inputWrong(`function ${name}: its code ${shown(code)} is a zip already`, "Give that to Lambda as it is.");
  }
  if (!/^(nodejs|python|provided)/.test(runtime)) {
    throw inputWrong(
      `function ${name}: code for ${runtime} is not packaged here`,
      "Functions for Node, Python and provided runtimes are; others have tools of their own.",
    );
  }
  checkFunctionCode(name, { codeDir: code, handler, runtime });
}

async function zipBundle(
  archive: ServerPackage,
  { functionName, declared }: SelectedFunction,
  options: PackageOptions,
  target: string,
): Promise<Made> {
  const { code: codeDir, handler, runtime } = declared;
  const bundle = await bundleFunction({ functionName, codeDir, handler, runtime, ...options });
  const folder = throwAwayFolder();
  try {
    for (const path of options.include) copyIncluded(functionName, codeDir, path, folder.path);
    for (const [path, bytes] of bundle.files) {
      mkdirSync(dirname(join(folder.path, path)), { recursive: true });
      writeFileSync(join(folder.path, path), bytes);
    }
    await archive.zipFolder(folder.path, target);
  } finally {
    folder.remove();
  }
  return { environment: { NODE_OPTIONS: "--enable-source-maps" }, leftOut: bundle.leftOut, notes: bundle.warnings };
}

function copyIncluded(functionName: string, codeDir: string, path: string, folder: string): void {
  const from = resolve(codeDir, path);
  const inside = relative(codeDir, from);
  if (inside === "" || inside.startsWith("..") || !existsSync(from)) {
    throw inputWrong(
      `function ${functionName}: --include ${path} is not in its code folder ${shown(codeDir)}`,
      "Name a file or folder in it, relative to it.",
    );
  }
  cpSync(from, join(folder, inside), { recursive: true, dereference: true });
}

async function zipCode(
  archive: ServerPackage,
  { functionName, declared }: SelectedFunction,
  { out, external, include, minify }: PackageOptions,
  target: string,
): Promise<Made> {
  if (external.length + include.length > 0 || minify) {
    throw inputWrong(
      `--external, --include and --minify are for bundles of Node functions, and ${functionName} has ${declared.runtime}`,
      "Leave them out: its folder is packaged as it is.",
    );
  }
  const { code, runtime } = declared;
  const own = [out, target, `${target}.partial`].map((path) => relative(code, path).replaceAll("\\", "/"));
  try {
    await archive.zipFolder(code, target, { exclude: (name) => own.includes(name) || isLeftOut(name) });
  } catch (error) {
    if (!(error instanceof Error && error.name === "InvalidFolder")) throw error;
    throw inputWrong(`function ${functionName}: ${error.message}`, "Correct the folder.", error);
  }
  return { environment: {}, leftOut: [], notes: runtime.startsWith("python") ? missingRequirements(code) : [] };
}

/** We made the zip, so nothing in it is hostile. */
const OF_OUR_OWN = { totalBytesMax: Number.MAX_SAFE_INTEGER, entryCountMax: 500_000, ratioMax: 1100 };

async function checkSizes(archive: ServerPackage, name: string, zip: string, forS3: boolean) {
  const entries = await archive.listZip(zip, OF_OUR_OWN);
  const sizeBytes = statSync(zip).size;
  const unzippedBytes = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  if (unzippedBytes > UNZIPPED_BYTES_MAX) {
    throw inputWrong(
      `function ${name} has ${byteSize(unzippedBytes)} unzipped, and Lambda takes 250 MB, its layers included`,
      `Leave out what it does not need. The largest: ${largest(entries)}.`,
    );
  }
  if (sizeBytes > DIRECT_BYTES_MAX && !forS3) {
    throw inputWrong(
      `function ${name} has ${byteSize(sizeBytes)} zipped, and Lambda takes 50 MB in a request`,
      `Upload it through a bucket: give --s3, and it is written, with the commands.\nOr leave something out. The largest: ${largest(entries)}.`,
    );
  }
  return { sizeBytes, unzippedBytes, fileCount: entries.filter(({ type }) => type === "file").length };
}

const LARGEST_MAX = 3;

function largest(entries: Awaited<ReturnType<ServerPackage["listZip"]>>): string {
  const sorted = entries.toSorted((a, b) => b.sizeBytes - a.sizeBytes).slice(0, LARGEST_MAX);
  return sorted.map(({ path, sizeBytes }) => `${path} (${byteSize(sizeBytes)})`).join(", ");
}
