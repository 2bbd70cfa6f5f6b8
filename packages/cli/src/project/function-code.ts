/** From the name of a handler to its code: which folder, which runtime, and is it there at all. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { inputWrong } from "../failure.ts";
import { nearest } from "../nearest.ts";

export interface FunctionCode {
  /** Absolute. */
  readonly codeDir: string;
  readonly handler: string;
  readonly runtime: string;
}

/** Extensions of a handler's file, in the order in which Lambda's runtimes and ours look, and the runtime they mean. */
const RUNTIMES: readonly (readonly [extension: string, runtime: string])[] = [
  [".py", "python3.12"],
  [".mjs", "nodejs24.x"],
  [".js", "nodejs24.x"],
  [".cjs", "nodejs24.x"],
  [".mts", "nodejs24.x"],
  [".cts", "nodejs24.x"],
  [".ts", "nodejs24.x"],
];

/** The runtime of an executable named `bootstrap`. */
const PROVIDED = "provided.al2023";

/** Bytes of a handler's file that are searched for its function; a larger one is a bundle. */
const SEARCHED_BYTES_MAX = 1024 * 1024;

/** How many names a message offers. */
const OFFERED_MAX = 8;

/**
 * Finds what `path/to/module.handler`, or `path/to/bootstrap`, means. Undefined when there is no such file,
 * so that the caller may try another meaning.
 */
export function findFunctionCode(target: string, runtime?: string): FunctionCode | undefined {
  const codeDir = resolve(dirname(target));
  const handler = basename(target);
  if (handler === "bootstrap" || runtime?.startsWith("provided")) {
    const isThere = fileExists(join(codeDir, "bootstrap"));
    return isThere ? { codeDir, handler, runtime: runtime ?? PROVIDED } : undefined;
  }
  const file = handlerFile(codeDir, handler);
  return file && { codeDir, handler, runtime: runtime ?? file.runtime };
}

/** The extensions that a handler's file may have for a runtime. */
export function handlerExtensions(runtime: string): readonly string[] {
  return RUNTIMES.flatMap(([extension, meant]) => (kindOf(meant) === kindOf(runtime) ? [extension] : []));
}

/** The file that a handler names in a code folder, and the runtime that the file asks for. */
export function handlerFile(
  codeDir: string,
  handler: string,
): { readonly file: string; readonly runtime: string } | undefined {
  const module = moduleOf(handler);
  if (module === undefined) return undefined;
  for (const [extension, runtime] of RUNTIMES) {
    const path = extension === ".py" ? module.replaceAll(".", "/") : module;
    const file = join(codeDir, path + extension);
    if (fileExists(file)) return { file, runtime };
  }
  return undefined;
}

/**
 * Throws a `Failure` (exit status 2) when a folder cannot hold the handler: no folder, no file, or a file
 * in which the function's name does not even occur. What is in a zip is left to the server.
 */
export function checkFunctionCode(name: string, { codeDir, handler, runtime }: FunctionCode): void {
  if (runtime.startsWith("provided")) {
    checkBootstrap(name, codeDir);
    return;
  }
  const found = handlerFile(codeDir, handler);
  if (!found) throw missingHandlerFile(name, codeDir, handler);
  if (kindOf(found.runtime) !== kindOf(runtime)) {
    throw inputWrong(
      `function ${name}: ${basename(found.file)} is not a file for ${runtime}`,
      `Use a runtime such as ${found.runtime}, or name another handler.`,
    );
  }
  checkHandlerName(name, found.file, handler);
}

/** `lambda_function` of `lambda_function.lambda_handler`; undefined when there is no dot between two names. */
function moduleOf(handler: string): string | undefined {
  const dot = handler.lastIndexOf(".");
  return dot > 0 && dot < handler.length - 1 ? handler.slice(0, dot) : undefined;
}

function checkBootstrap(name: string, codeDir: string): void {
  const file = join(codeDir, "bootstrap");
  if (!fileExists(file)) {
    throw inputWrong(
      `function ${name} needs an executable file named bootstrap in ${codeDir}`,
      "Put it there, or choose another runtime.",
    );
  }
  if ((statSync(file).mode & 0o111) === 0)
    throw inputWrong(`${file} is not executable`, `Make it so: chmod +x ${file}`);
}

/** What to say when the module of a handler is not there; names the ones that are. */
export function missingHandlerFile(name: string, codeDir: string, handler: string) {
  const module = moduleOf(handler);
  if (module === undefined) {
    return inputWrong(
      `function ${name}: "${handler}" is not a handler`,
      'A handler is a module and a function in it, such as "lambda_function.lambda_handler".',
    );
  }
  const there = handlerModules(codeDir);
  const near = nearest(module, there);
  return inputWrong(
    `function ${name}: there is no ${module} (.py, .mjs, .js, .cjs or .ts) in ${codeDir}`,
    near
      ? `Did you mean ${near}.${handler.slice(module.length + 1)}?`
      : there.length > 0
        ? `There is: ${there.slice(0, OFFERED_MAX).join(", ")}.`
        : "Check the folder.",
  );
}

function handlerModules(codeDir: string): string[] {
  const extensions = RUNTIMES.map(([extension]) => extension);
  try {
    return readdirSync(codeDir).flatMap((file) =>
      extensions.includes(extname(file)) ? [basename(file, extname(file))] : [],
    );
  } catch {
    return []; // no such folder: the message that names it says all
  }
}

/** Refuses only what is certain: a file without the word can still get the name by a star import. */
function checkHandlerName(name: string, file: string, handler: string): void {
  if (statSync(file).size > SEARCHED_BYTES_MAX) return;
  const text = readFileSync(file, "utf8");
  const wanted = handler.slice(handler.lastIndexOf(".") + 1);
  const words = new Set(text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu));
  if (words.has(wanted) || /import\s*\*|export\s*\*|globals\(\)|setattr|module\.exports\s*=\s*require/.test(text))
    return;
  const defined = [...text.matchAll(/^(?:export\s+)?(?:async\s+)?(?:def|function|const|let)\s+([\w$]+)/gm)].map(
    (match) => match[1] ?? "",
  );
  const near = nearest(wanted, defined);
  throw inputWrong(
    `function ${name}: ${file} has no "${wanted}"`,
    near
      ? `Did you mean ${handler.slice(0, -wanted.length)}${near}?`
      : defined.length > 0
        ? `It defines: ${defined.slice(0, OFFERED_MAX).join(", ")}.`
        : "Define it there, or name another handler.",
  );
}

function kindOf(runtime: string): string {
  return runtime.replace(/[\d.].*$/, "");
}

function fileExists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
