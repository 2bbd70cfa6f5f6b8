/** Code that is packaged as its folder: what stays behind, and what the folder lacks. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Caches, environments of other machines, secrets and histories. Source: our choice. Lambda needs none of them. */
const LEFT_OUT =
  /(^|\/)(__pycache__|\.git|\.venv|venv|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.tox|\.idea|\.vscode|\.penstock|node_modules)\/?$|\.py[co]$|(^|\/)(\.DS_Store|\.env)$/;

/** Whether a file, or a folder with `/` at its end, stays out of a function's zip. */
export function isLeftOut(name: string): boolean {
  return LEFT_OUT.test(name);
}

/** What Lambda's Python runtimes have. Source: Lambda developer guide, "Building Lambda functions with Python". */
const IN_THE_RUNTIME = new Set(["boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3"]);

/** Lambda installs nothing: what requirements.txt names must lie in the folder. Answers notes for a person. */
export function missingRequirements(codeDir: string): readonly string[] {
  const file = join(codeDir, "requirements.txt");
  if (!existsSync(file)) return [];
  const installed = new Set(readdirSync(codeDir).map((name) => distributionOf(name)));
  const missing = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => /^\s*([A-Za-z0-9][\w.-]*)/.exec(line)?.[1] ?? "")
    .filter((name) => name !== "" && !IN_THE_RUNTIME.has(name.toLowerCase()) && !installed.has(distributionOf(name)));
  if (missing.length === 0) return [];
  return [
    `requirements.txt names ${missing.join(", ")}, which the folder does not have and Lambda does not install: pip install -r requirements.txt --target ${codeDir}`,
  ];
}

/** `PyYAML-6.0.dist-info` and `pyyaml` are the same. */
function distributionOf(name: string): string {
  return name
    .replace(/-[\d.]+\w*\.(dist|egg)-info$/, "")
    .toLowerCase()
    .replaceAll(/[-.]/g, "_");
}
