// Compiled code is kept on disk between starts. Node writes it when a process ends by itself, which ours do not.

import { existsSync } from "node:fs";
import * as nodeModule from "node:module";

let isOpen = false;

/** Answers whether there is nothing kept yet. */
export function openCompileCache(directory) {
  if (!directory || !nodeModule.enableCompileCache) return false;
  const isNew = !existsSync(directory);
  nodeModule.enableCompileCache(directory);
  isOpen = true;
  return isNew;
}

/** After the first answer, when nobody waits: what was loaded late is then compiled for the next process, too. */
export function keepCompiledCode() {
  if (!isOpen) return;
  isOpen = false;
  setImmediate(() => nodeModule.flushCompileCache?.());
}

/** Writes what is compiled so far. */
export function keepNow() {
  nodeModule.flushCompileCache?.();
}
