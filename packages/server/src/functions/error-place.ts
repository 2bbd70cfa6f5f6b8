/** Where in a function's own code an error came from. */
import { basename } from "node:path";

const PYTHON_FRAME = /File "([^"]+)",? line (\d+)/i;
const NODE_FRAME = /(?:^|[\s(])((?:file:\/\/)?\/[^\s():]+):(\d+)(?::\d+)?\)?$/;

/**
 * File and line, as `app.py:17`, of the innermost frame in the function's own code. Python tells the innermost
 * last, Node first; frames of libraries and of the runtime are passed over where there are others.
 */
export function errorPlace(stackTrace: readonly string[]): string | undefined {
  const lines = stackTrace.flatMap((entry) => entry.split("\n"));
  const python = lines.flatMap((line) => frame(PYTHON_FRAME, line)).reverse();
  const found = python.length > 0 ? python : lines.flatMap((line) => frame(NODE_FRAME, line));
  const own = found.find(({ file }) => !LIBRARY.test(file)) ?? found[0];
  return own && `${basename(own.file)}:${own.line}`;
}

const LIBRARY = /site-packages|dist-packages|node_modules|\/lib\/python3|<frozen|^node:|runtimes?\//;

function frame(pattern: RegExp, text: string): { readonly file: string; readonly line: string }[] {
  const [, file, line] = pattern.exec(text.trim()) ?? [];
  return file && line ? [{ file, line }] : [];
}
