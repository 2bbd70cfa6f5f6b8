import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findInstallation } from "./installation.ts";

const root = mkdtempSync(join(tmpdir(), "penstock-installation-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ["version 2", "aws-sdk", true],
  ["any client of version 3", "@aws-sdk/client-sns", true],
  ["only parts that Penstock has itself", "@aws-sdk/crc64-nvme", false],
])("a folder of the user's with %s is looked into for functions that do not bundle it: %s", (_what, name, isTaken) => {
  const project = mkdtempSync(join(root, "project-"));
  const modules = join(project, "node_modules");
  mkdirSync(join(modules, name), { recursive: true });
  const { nodeModulesDirs = [] } = findInstallation({}, join(project, "below"));
  expect(nodeModulesDirs[0] === modules).toBe(isTaken);
  expect(nodeModulesDirs.length).toBe(new Set(nodeModulesDirs).size);
});
