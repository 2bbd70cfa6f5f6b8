// What goes to the log, and errors in Lambda's shape.

import { writeSync } from "node:fs";
import { format } from "node:util";

/** What log lines carry. It stays after an invocation's end, as lines may still come. */
export const logged = { requestId: undefined };

const OURS = new URL(".", import.meta.url).href;

export function runtimeError(name, message, cause) {
  const error = new Error(message);
  error.name = `Runtime.${name}`;
  error.stack = `${error.name}: ${message}${cause?.stack ? `\n${cause.stack}` : ""}`;
  return error;
}

/** Lambda's shape of an error. */
export function describe(error) {
  try {
    if (error instanceof Error || typeof error?.stack === "string") {
      return { errorType: error.name, errorMessage: error.message, trace: stackOf(error) };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    return { errorType: "handled", errorMessage: "An error was reported that cannot be read.", trace: [] };
  }
}

export function logError(title, error) {
  let json;
  try {
    const known = error instanceof Error ? error : new Error(String(error));
    json = JSON.stringify(known, (_key, value) => (value instanceof Error ? readable(value) : value));
  } catch {
    json = JSON.stringify(describe(error));
  }
  console.error(title, `\t${json}`);
}

function readable(error) {
  const { name: errorType, message: errorMessage, code } = error;
  return { errorType, errorMessage, code, ...error, stack: stackOf(error) };
}

/** The stack down to where our frames begin: those tell nothing about the function. */
function stackOf(error) {
  const lines = String(error.stack ?? "").split("\n");
  const ours = lines.findIndex((line) => line.includes(OURS));
  return ours < 0 ? lines : lines.slice(0, ours);
}

export function patchConsole() {
  const levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
  const least = Math.max(0, levels.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase()));
  for (const [rank, level] of levels.entries()) {
    console[level.toLowerCase()] = rank < least ? () => {} : (...values) => writeLine(level, format(...values));
  }
  console.log = console.info;
}

function writeLine(level, text) {
  write(`${new Date().toISOString()}\t${logged.requestId}\t${level}\t${text}\n`);
}

/** Writes at once, so that a line is in the pipe before the answer that follows it. */
function write(text) {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(1, rest));
  } catch {
    process.stdout.write(rest); // The pipe is full and does not block: the stream waits for it.
  }
}
