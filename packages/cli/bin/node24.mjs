/**
 * Finds a Node that can run Penstock, and hands a command over to it.
 *
 * This file runs on old versions of Node, so that they can say what is missing instead of failing on syntax.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The oldest Node major version that Penstock runs on. Source: our choice, `node:sqlite` and type stripping without flags. */
export const NODE_MAJOR_MIN = 24;

const FORWARDED_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

/** Whether a version such as `24.21.0` is new enough. */
export function isNewEnough(version) {
  return Number.parseInt(version, 10) >= NODE_MAJOR_MIN;
}

/** The npm package that holds Node itself for this machine; it has no install script. */
export const NODE_PACKAGE = `node-${process.platform}-${process.arch}`;

/**
 * The Node to use: the running one, else one in `folder` or a folder above it, the nearest first: what `npm run setup`
 * brought into `.tools`, or what npm installed as the package of that name. Undefined when there is none.
 */
export function findNode24(folder) {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const found = broughtNode(folder) ?? installedNode(folder);
  const parent = dirname(folder);
  return found ?? (parent === folder ? undefined : findNode24(parent));
}

function broughtNode(folder) {
  const node = join(folder, ".tools", "node", "bin", "node");
  return existsSync(node) ? node : undefined;
}

function installedNode(folder) {
  const place = join(folder, "node_modules", NODE_PACKAGE);
  const manifest = join(place, "package.json");
  const isThere = existsSync(manifest) && isNewEnough(JSON.parse(readFileSync(manifest, "utf8")).version);
  return isThere ? join(place, "bin", "node") : undefined;
}

/** The Python that `npm run setup` found for functions, noted in `.tools/python.json` of the checkout; undefined without a note. */
export function notedPython(checkout) {
  const note = join(checkout, ".tools", "python.json");
  return existsSync(note) ? JSON.parse(readFileSync(note, "utf8")).executable : undefined;
}

/** Runs a program in this one's place: same streams, signals passed on, and at the end the same exit code or signal. */
export function runInstead(program, args, env = process.env) {
  const child = spawn(program, args, { stdio: "inherit", env });
  const forward = (signal) => {
    if (signal !== "SIGINT" || !sharesTerminal()) child.kill(signal);
  };
  for (const signal of FORWARDED_SIGNALS) process.on(signal, forward);
  child.on("error", (error) => {
    console.error(`Cannot run ${program}: ${error.message}`);
    process.exit(3);
  });
  child.on("exit", (code, signal) => {
    for (const forwarded of FORWARDED_SIGNALS) process.removeListener(forwarded, forward);
    if (signal) process.kill(process.pid, signal);
    else process.exit(code ?? 3);
  });
}

/** A terminal's Ctrl-C reaches the child by itself; passed on as well, it would count as pressed twice. */
function sharesTerminal() {
  return Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
}
