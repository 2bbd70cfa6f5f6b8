// Finds the function that a handler's name means, such as `folder/file.exported.nested`, in ES modules, CommonJS and
// TypeScript whose types can be stripped.

import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { runtimeError } from "./output.mjs";
import { sdkHint } from "./sdk.mjs";

/** In Lambda's order. */
const EXTENSIONS = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"];

/** A process that was started ahead of its environment was started in the code's folder. */
const codeDir = process.env.LAMBDA_TASK_ROOT ?? process.cwd();
const requireFromCode = createRequire(`${codeDir}/`);

export async function loadHandler(name) {
  if (name.includes("..")) {
    throw runtimeError(
      "MalformedHandlerName",
      `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const last = basename(name);
  const dot = last.indexOf(".");
  if (dot < 0) throw runtimeError("MalformedHandlerName", "Bad handler");
  const moduleName = name.slice(0, name.length - last.length) + last.slice(0, dot);
  const loaded = await loadModule(moduleName);
  const path = last.slice(dot + 1).split(".");
  const handler = follow(loaded, path) ?? follow(loaded?.default, path);
  if (!handler) throw runtimeError("HandlerNotFound", `${name} is undefined or not exported`);
  if (typeof handler !== "function") throw runtimeError("HandlerNotFound", `${name} is not a function`);
  return handler;
}

function follow(object, path) {
  return path.reduce((value, key) => value?.[key], object);
}

async function loadModule(name) {
  try {
    return await loadFile(findModule(name));
  } catch (error) {
    if (error instanceof SyntaxError) throw runtimeError("UserCodeSyntaxError", String(error), error);
    if (error?.code !== "MODULE_NOT_FOUND" && error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw runtimeError("ImportModuleError", String(error) + sdkHint(error), error);
  }
}

function findModule(name) {
  const base = resolve(codeDir, name);
  const file = ["", ...EXTENSIONS].map((extension) => base + extension).find(isFile);
  return file ?? requireFromCode.resolve(base.startsWith(`${codeDir}/`) && existsSync(base) ? base : name);
}

function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

async function loadFile(file) {
  if (/\.m[jt]s$/.test(file)) return import(pathToFileURL(file));
  try {
    return requireFromCode(file);
  } catch (error) {
    const isModule = error?.code === "ERR_REQUIRE_ESM" || error?.code === "ERR_REQUIRE_ASYNC_MODULE";
    if (isModule) return import(pathToFileURL(file));
    throw error;
  }
}
