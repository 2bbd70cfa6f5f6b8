import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipFolder } from "@penstock/server";
import { WORKSPACE } from "./server.ts";

/* How functions for `provided` are made: compiled, where there is a compiler, and zipped as `bootstrap`. */

/** Sources of the matrix's functions. */
export const FUNCTIONS = join(WORKSPACE, "conformance/functions/matrix");

/** Where set-up unpacks what it takes from Debian's packages for the tests. */
export const DEBIAN = join(WORKSPACE, ".tools/debian");

/** What is compiled and zipped here; the tests remove it. */
export const SCRATCH = mkdtempSync(join(tmpdir(), "penstock-matrix-"));

/** Zips files as the folder of a function for `provided`: `bootstrap` is executable. */
export async function zipped(files: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array> {
  const folder = mkdtempSync(join(SCRATCH, "zip-"));
  mkdirSync(join(folder, "in"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, "in", name), content);
  chmodSync(join(folder, "in/bootstrap"), 0o755);
  await zipFolder(join(folder, "in"), join(folder, "out.zip"));
  return readFileSync(join(folder, "out.zip"));
}

export function bash(): Promise<Uint8Array> {
  return zipped({ bootstrap: readFileSync(join(FUNCTIONS, "bootstrap.sh")) });
}

export function c(): Promise<Uint8Array> {
  const program = join(SCRATCH, "bootstrap-of-c");
  execFileSync("gcc", ["-O1", "-o", program, join(FUNCTIONS, "bootstrap.c")]);
  return zipped({ bootstrap: readFileSync(program) });
}

/** With version 1 or 2 of the AWS SDK. */
export function go(version: 1 | 2): Promise<Uint8Array> {
  const root = join(DEBIAN, "go/usr/lib/go-1.19");
  const program = join(SCRATCH, `bootstrap-of-go-${version}`);
  const sources = ["main.go", `sdk_v${version}.go`].map((file) => join(FUNCTIONS, "go", file));
  const env = {
    ...process.env,
    GOROOT: root,
    GOPATH: join(DEBIAN, "go/usr/share/gocode"),
    GO111MODULE: "off",
    GOCACHE: join(DEBIAN, "go-cache"),
    CGO_ENABLED: "0",
    GOFLAGS: "",
  };
  execFileSync(join(root, "bin/go"), ["build", "-ldflags", "-s -w", "-o", program, ...sources], { env, stdio: "pipe" });
  return zipped({ bootstrap: readFileSync(program) });
}

export function java(): Promise<Uint8Array> {
  const folder = join(SCRATCH, "java");
  execFileSync("javac", ["-d", folder, join(FUNCTIONS, "Bootstrap.java")], { stdio: "pipe" });
  const bootstrap = '#!/bin/sh\nexec java -XX:TieredStopAtLevel=1 -cp "$LAMBDA_TASK_ROOT" Bootstrap\n';
  return zipped({
    bootstrap: Buffer.from(bootstrap),
    "Bootstrap.class": readFileSync(join(folder, "Bootstrap.class")),
  });
}

export function rust(): Promise<Uint8Array> {
  const folder = join(SCRATCH, "rust");
  cpSync(join(FUNCTIONS, "rust"), folder, { recursive: true });
  mkdirSync(join(folder, ".cargo"), { recursive: true });
  const crates = join(DEBIAN, "rust/usr/share/cargo/registry");
  const config = `[source.crates-io]\nreplace-with = "debian"\n[source.debian]\ndirectory = ${JSON.stringify(crates)}\n`;
  writeFileSync(join(folder, ".cargo/config.toml"), config);
  const env = { ...process.env, CARGO_TARGET_DIR: join(DEBIAN, "rust-target") };
  execFileSync("cargo", ["build", "--release", "--offline", "--quiet"], { cwd: folder, env, stdio: "pipe" });
  return zipped({ bootstrap: readFileSync(join(DEBIAN, "rust-target/release/bootstrap")) });
}

/** Why a machine cannot run what needs all of these, or nothing. */
export function lacks(...reasons: readonly (string | undefined)[]): string | undefined {
  return reasons.find((reason) => reason !== undefined);
}

export function withoutCurl(): string | undefined {
  const tried = spawnSync("curl", ["--help", "all"], { encoding: "utf8" });
  return tried.stdout?.includes("--aws-sigv4") ? undefined : "there is no curl that knows --aws-sigv4";
}

export function withoutProgram(name: string, option = "--version"): string | undefined {
  return spawnSync(name, [option]).status === 0 ? undefined : `there is no ${name}`;
}

/** Of what set-up takes from Debian's packages. */
export function withoutDebians(name: string): string | undefined {
  return existsSync(join(DEBIAN, name)) ? undefined : `set-up could not take ${name} from Debian's packages`;
}
