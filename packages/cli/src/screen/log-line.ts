import { oneLine } from "./text-width.ts";

/** Lambda's own lines around a function's: the rest of the screen tells the same in other words. */
const PLATFORM_LINE = /^(?:(?:START|END|REPORT) RequestId: |INIT_START )/;
/** What Lambda's Node runtime puts before what `console.log` is given. Source: Lambda developer guide, logging in Node.js. */
const NODE_PREFIX = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t(?:[0-9a-f-]{36}|undefined)\t(\w+)\t/;
/** What Lambda's Python runtime puts before what `logging` is given. Source: Lambda developer guide, logging in Python. */
const PYTHON_PREFIX = /^\[(\w+)\]\t\d{4}-\d\d-\d\dT[\d:.]+Z\t[0-9a-f-]{36}\t/;

/** A line of a function's log as a screen shows it: without times and request ids; undefined for one that Lambda wrote. */
export function shownLogLine(line: string): string | undefined {
  if (PLATFORM_LINE.test(line)) return undefined;
  const [prefix, level] = NODE_PREFIX.exec(line) ?? PYTHON_PREFIX.exec(line) ?? ["", "INFO"];
  return oneLine(`${level === "INFO" ? "" : `${level} `}${line.slice(prefix.length)}`);
}
