/*
 * The library as its users get it: packed by npm, and installed from the tarball into an empty folder that is not part
 * of the workspace.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the library. */
export const TOOLKIT = fileURLToPath(new URL("..", import.meta.url));

const MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));

/** A folder of a user, with the library in it. */
export interface Installed {
  readonly dir: string;
  readonly tarball: string;
  /** Runs a program there; answers what it printed. Errors: those of the program, with what it printed. */
  run(program: string, args: readonly string[], variables?: Readonly<Record<string, string>>): string;
  /** Writes a file there. */
  write(name: string, text: string): void;
  remove(): void;
}

/** Packs the library and installs it, without a registry. What it needs beside itself, the user has: the SDK, and types of Node. */
export function install(): Installed {
  const scratch = mkdtempSync(join(tmpdir(), "penstock-published-"));
  const dir = join(scratch, "project");
  mkdirSync(dir);
  const run: Installed["run"] = (program, args, variables = {}) =>
    execFileSync(program, args, { cwd: dir, encoding: "utf8", stdio: "pipe", env: { ...environment(), ...variables } });
  execFileSync("npm", ["pack", "--silent", "--pack-destination", scratch], { cwd: TOOLKIT, env: environment() });
  const name = readdirSync(scratch).find((file) => file.endsWith(".tgz")) ?? "";
  const tarball = join(scratch, name);
  writeFileSync(join(dir, "package.json"), '{ "name": "of-a-user", "private": true }\n');
  run("npm", ["install", "--silent", "--offline", "--legacy-peer-deps", "--no-audit", "--no-fund", tarball]);
  for (const folder of ["@aws-sdk", "@types", "undici-types", "zod"]) link(join(dir, "node_modules"), folder);
  return {
    dir,
    tarball,
    run,
    write: (file, text) => writeFileSync(join(dir, file), text),
    remove: () => rmSync(scratch, { recursive: true, force: true }),
  };
}

function link(modules: string, name: string): void {
  if (existsSync(join(MODULES, name))) symlinkSync(join(MODULES, name), join(modules, name));
}

/** Nothing of the test runner's, and npm and Node of this run. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_|npm_|AWS_|PENSTOCK_)/i.test(name));
  return { ...Object.fromEntries(kept), PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter) };
}

/** The compiler of the workspace. */
export const COMPILER = join(MODULES, "typescript", "bin", "tsc");

/** A Node of a major version: the one that runs this, or one on PATH; undefined when the machine has none. */
export function findNode(major: number): string | undefined {
  const folders = [dirname(process.execPath), ...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin"];
  return folders.map((folder) => join(folder, "node")).find((node) => existsSync(node) && majorOf(node) === major);
}

const majorOf = (node: string) => Number(/^v(\d+)/.exec(execFileSync(node, ["--version"], { encoding: "utf8" }))?.[1]);
