import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findNode24, isNewEnough, NODE_PACKAGE } from "../packages/cli/bin/node24.mjs";

const node24 = fileURLToPath(new URL("./node24.mjs", import.meta.url));
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "penstock-node24-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ["process.exit(0)", 0],
  ["process.exit(7)", 7],
  ["throw new Error('no')", 1],
  ["console.log(process.argv[2]); process.exitCode = process.argv[2] === '--x y' ? 0 : 9", 0],
])("a script's exit code is passed on: %s", async (code, exitCode) => {
  expect(await ended(start(script(code), "--x y"))).toEqual([exitCode, null]);
});

test("a signal is passed on, and what it ends ends the same way", async () => {
  const child = start(script("console.log('ready'); setInterval(() => {}, 1000)"));
  await once(child.stdout, "data");
  child.kill("SIGTERM");
  expect(await ended(child)).toEqual([null, "SIGTERM"]);
});

test("a program that handles the signal leaves as it likes", async () => {
  const child = start(
    script("process.on('SIGINT', () => process.exit(5)); console.log('ready'); setInterval(() => {}, 1000)"),
  );
  await once(child.stdout, "data");
  child.kill("SIGINT");
  expect(await ended(child)).toEqual([5, null]);
});

test("a program that is not there is an error of the surroundings, no command one of usage", async () => {
  expect(await ended(start("no-such-program"))).toEqual([3, null]);
  expect(await ended(start())).toEqual([2, null]);
});

test("the running Node is taken when it is new enough", () => {
  expect(findNode24(folder)).toBe(process.execPath);
  expect([isNewEnough("24.0.0"), isNewEnough("100.1.0"), isNewEnough("22.21.0"), isNewEnough("4.24.0")]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("an older Node finds the one that set-up brought, in a folder above", () => {
  const brought = join(folder, ".tools", "node", "bin", "node");
  mkdirSync(join(folder, ".tools", "node", "bin"), { recursive: true });
  writeFileSync(brought, "");
  expect(asNode("20.20.2", () => findNode24(join(folder, "packages", "cli")))).toBe(brought);
  expect(asNode("20.20.2", () => findNode24("/nowhere/at/all"))).toBeUndefined();
});

test("an older Node finds one that npm installed, unless that is too old as well", () => {
  const place = join(folder, "project", "node_modules", NODE_PACKAGE);
  mkdirSync(place, { recursive: true });
  const find = () => asNode("20.20.2", () => findNode24(join(folder, "project", "node_modules", "penstock", "bin")));
  writeFileSync(join(place, "package.json"), '{"version":"22.21.0"}');
  expect(find()).not.toContain(NODE_PACKAGE);
  writeFileSync(join(place, "package.json"), '{"version":"24.21.0"}');
  expect(find()).toBe(join(place, "bin", "node"));
});

function asNode<T>(version: string, look: () => T): T {
  const versions = process.versions;
  Object.defineProperty(process, "versions", { value: { ...versions, node: version }, configurable: true });
  try {
    return look();
  } finally {
    Object.defineProperty(process, "versions", { value: versions, configurable: true });
  }
}

function script(code: string): string {
  const file = join(folder, `script-${code.length}.mjs`);
  writeFileSync(file, code);
  return file;
}

function start(...args: readonly string[]) {
  return spawn(process.execPath, [node24, ...args], { stdio: ["ignore", "pipe", "ignore"] });
}

async function ended(child: ReturnType<typeof start>): Promise<unknown[]> {
  return once(child, "close");
}
