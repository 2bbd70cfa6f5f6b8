/** The source files that a handler reaches by imports of its own folder: not its neighbours', and not its packages'. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { handlerFile } from "../project/function-code.ts";

/** More files are a generated bundle or a mistake. Source: our choice. */
const FILES_MAX = 2_000;

/** The texts of a handler's file and of what it imports from there; empty when the handler has no file. */
export function reachableSources(codeDir: string, handler: string): readonly string[] {
  const first = handlerFile(codeDir, handler)?.file;
  const waiting = first ? [first] : [];
  const texts = new Map<string, string>();
  for (let file = waiting.pop(); file !== undefined && texts.size < FILES_MAX; file = waiting.pop()) {
    if (texts.has(file)) continue;
    const text = readFileSync(file, "utf8");
    texts.set(file, text);
    waiting.push(...(extname(file) === ".py" ? pythonImports(text, file, codeDir) : scriptImports(text, file)));
  }
  return [...texts.values()];
}

const SCRIPT_IMPORT = /\b(?:from|import|require)\s*\(?\s*["'](\.[^"']+)["']/g;
const SCRIPT_EXTENSIONS = ["", ".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", "/index.ts", "/index.js", "/index.mjs"];

function scriptImports(text: string, file: string): readonly string[] {
  return [...text.matchAll(SCRIPT_IMPORT)].flatMap(([, specifier = ""]) => {
    const path = resolve(dirname(file), specifier);
    // TypeScript may name the file that it becomes.
    const asWritten = path.replace(/\.([cm]?)js$/, ".$1ts");
    return firstFile([...SCRIPT_EXTENSIONS.map((extension) => path + extension), asWritten]);
  });
}

const PYTHON_IMPORT = /^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+\(?([\w, \t]+)|import[ \t]+([\w., \t]+))/gm;

function pythonImports(text: string, file: string, codeDir: string): readonly string[] {
  return [...text.matchAll(PYTHON_IMPORT)].flatMap(([, from, names = "", plain = ""]) => {
    const modules = from === undefined ? words(plain) : [from, ...words(names).map((name) => `${from}.${name}`)];
    return modules.flatMap((module) => {
      const base = module.startsWith(".") ? dirname(file) : codeDir;
      const path = join(base, module.replace(/^\.+/, "").replaceAll(".", "/"));
      return firstFile([`${path}.py`, join(path, "__init__.py")]);
    });
  });
}

/** `a.b as c, d` names `a.b` and `d`. */
function words(list: string): readonly string[] {
  return list.split(",").flatMap((part) => part.trim().split(/\s/)[0] || []);
}

function firstFile(candidates: readonly string[]): readonly string[] {
  const found = candidates.find((path) => existsSync(path) && statSync(path).isFile());
  return found === undefined ? [] : [found];
}
