/** What figures depend on: the machine and the versions. Nothing that names this one machine. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, cpus, loadavg, totalmem, type } from "node:os";
import { join } from "node:path";
import { type Bench, ROOT } from "./bench.ts";

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGib: number;
  readonly system: string;
  /** Average of the last minute before the run. */
  readonly load: number;
  /** Such as `Node 24.21.0`. */
  readonly versions: readonly string[];
}

export function describeMachine({ python, environment }: Bench): Machine {
  const cores = cpus();
  const script = "import sys, boto3; print(sys.version.split()[0], boto3.__version__)";
  const said = execFileSync(python, ["-c", script], { env: environment, encoding: "utf8" });
  const [pythonVersion, boto3Version] = said.trim().split(" ");
  return {
    cores: cores.length,
    cpu: cores[0]?.model.trim() ?? "unknown",
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${arch()}`,
    load: loadavg()[0] ?? 0,
    versions: [
      `Penstock ${versionOf("packages/cli")}`,
      `Node ${process.versions.node}`,
      `SQLite ${process.versions["sqlite"] ?? "unknown"}`,
      `Python ${pythonVersion}`,
      `boto3 ${boto3Version}`,
      `@aws-sdk/client-codepipeline ${versionOf("node_modules/@aws-sdk/client-codepipeline")}`,
    ],
  };
}

function versionOf(folder: string): string {
  // A package.json has a version.
  return (JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8")) as { version: string }).version;
}
