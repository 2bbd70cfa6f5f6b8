import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Missing, run } from "./run.mjs";

/** What the tests compile and synthesise. Nearly 200 MB, so it is no dependency of the workspace. */
const PACKAGES = { "aws-cdk-lib": "2.276.0", constructs: "10.8.1" };

/** Brings the AWS CDK into `.tools/cdk`, where the tests of `penstock policy` find it. */
export function bringCdk({ root, say }) {
  const folder = join(root, ".tools", "cdk");
  const wanted = `${JSON.stringify({ private: true, dependencies: PACKAGES }, null, 2)}\n`;
  const manifest = join(folder, "package.json");
  const isThere = existsSync(join(folder, "node_modules", "aws-cdk-lib", "package.json"));
  if (isThere && readFileSync(manifest, "utf8") === wanted) return;
  say("bringing the AWS CDK for the tests");
  mkdirSync(dirname(manifest), { recursive: true });
  writeFileSync(manifest, wanted);
  const args = ["install", "--prefix", folder, "--ignore-scripts", "--no-package-lock", "--no-fund", "--no-audit"];
  const installed = run("npm", args, { cwd: folder });
  if (!installed.ok) {
    throw new Missing(
      `the AWS CDK could not be installed:\n${installed.error}\nCheck that this machine reaches its npm registry.`,
    );
  }
}
