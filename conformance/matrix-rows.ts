import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Runtime } from "@aws-sdk/client-lambda";
import { pythonPath } from "./boto3.ts";
import { zipOf } from "./ground.ts";
import {
  bash,
  c,
  DEBIAN,
  FUNCTIONS,
  go,
  java,
  lacks,
  rust,
  SCRATCH,
  withoutCurl,
  withoutDebians,
  withoutProgram,
} from "./matrix-programs.ts";

/* The rows of the matrix: a language with what it calls AWS by. Each has the handlers `report` and `work`. */

/** What a function finds in its environment, as the place where AWS is. */
export const WAYS = {
  "no endpoint": {},
  // Nobody listens there, so it is seen that nobody asks there.
  "no endpoint, by what does not know AWS_ENDPOINT_URL": { AWS_ENDPOINT_URL: "http://127.0.0.1:9" },
  "no endpoint, told to ignore AWS_ENDPOINT_URL": {
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true",
  },
  "hosts of AWS": {
    MATRIX_CODEPIPELINE: "https://codepipeline.us-east-1.amazonaws.com",
    MATRIX_S3: "https://s3.us-east-1.amazonaws.com",
  },
  "http://localstack:4566": { MATRIX_CODEPIPELINE: "http://localstack:4566", MATRIX_S3: "http://localstack:4566" },
} as const;

export type Way = keyof typeof WAYS;

const NAMED: readonly Way[] = ["hosts of AWS", "http://localstack:4566"];
/** Of an SDK that asks at `AWS_ENDPOINT_URL`, or of a program that is written to. */
const ASKS_THERE: readonly Way[] = ["no endpoint", ...NAMED];
const ASKS_THERE_UNLESS_TOLD: readonly Way[] = [
  "no endpoint",
  "no endpoint, told to ignore AWS_ENDPOINT_URL",
  ...NAMED,
];
const KNOWS_ONLY_AWS: readonly Way[] = ["no endpoint, by what does not know AWS_ENDPOINT_URL", ...NAMED];

export interface Row {
  readonly name: string;
  readonly runtime: Runtime;
  /** Module of the handlers; absent where the handlers' names stand alone. */
  readonly module?: string;
  readonly code: () => Promise<Uint8Array>;
  readonly ways: readonly Way[];
  /** The Python that is to run it, whatever is on the machine. */
  readonly python?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Why it cannot be run on this machine. */
  readonly missing?: string | undefined;
}

const PROXY = { PENSTOCK_REDIRECTION: "proxy" };

/** Every row, those that cannot be run here with the reason. */
export function matrixRows(): readonly Row[] {
  return [
    ...["3.6", "3.9", "3.10", "3.11", "3.12", "3.13"].map((version) => withBoto3(version)),
    withBoto3("3.6", PROXY),
    withBoto3("3.11", PROXY),
    withoutSdk("3.6"),
    javaScript("v2", "sdk-v2.js", KNOWS_ONLY_AWS),
    javaScript("v2", "sdk-v2.js", KNOWS_ONLY_AWS, PROXY),
    javaScript("v3", "sdk-v3.mjs", ASKS_THERE_UNLESS_TOLD),
    javaScript("v3", "sdk-v3.mjs", ASKS_THERE_UNLESS_TOLD, PROXY),
    javaScript("v3 of 2021", "sdk-v3.mjs", KNOWS_ONLY_AWS, { MATRIX_SDK: "-2021" }),
    provided("bash with curl --aws-sigv4", bash, ASKS_THERE, withoutCurl()),
    provided("C with curl --aws-sigv4", c, ASKS_THERE, lacks(withoutCurl(), withoutProgram("gcc"))),
    provided("Go with the AWS SDK v1", () => go(1), KNOWS_ONLY_AWS, withoutDebians("go")),
    provided("Go with the AWS SDK v2 of 2022", () => go(2), KNOWS_ONLY_AWS, withoutDebians("go")),
    provided("Java with the JDK's HTTP clients", java, KNOWS_ONLY_AWS, withoutProgram("javac", "-version")),
    provided(
      "Rust with OpenSSL",
      rust,
      KNOWS_ONLY_AWS,
      lacks(withoutProgram("cargo"), withoutDebians("rust"), withoutProgram("pkg-config"), withoutOpenSsl()),
    ),
  ];
}

function provided(name: string, code: Row["code"], ways: Row["ways"], missing: string | undefined): Row {
  return { name, runtime: "provided.al2023", code, ways, missing };
}

function javaScript(version: string, file: string, ways: Row["ways"], environment?: Row["environment"]): Row {
  const name = `AWS SDK for JavaScript ${version}${environment === PROXY ? ", through the proxy" : ""}`;
  const module = file.slice(0, file.lastIndexOf("."));
  return {
    name,
    runtime: "nodejs22.x",
    module,
    code: () => zipOfFile(file),
    ways,
    ...(environment && { environment }),
  };
}

/** With the newest boto3 that works with it: set-up's, or the one of 2020. */
function withBoto3(version: string, more: Row["environment"] = {}): Row {
  const python = findPython(version);
  const found = python === undefined ? undefined : boto3Of(python);
  const through = more === PROXY ? ", through the proxy" : "";
  return {
    name: `Python ${version}, boto3${found ? ` ${found.version}` : ""}${through}`,
    runtime: `python${version}` as Runtime, // the oldest are no longer in the client's list
    module: "with_boto3",
    code: () => zipOfFile("with_boto3.py"),
    ways: found?.isOld ? KNOWS_ONLY_AWS : ASKS_THERE_UNLESS_TOLD,
    ...(python !== undefined && { python }),
    environment: { ...more, ...(found && { PYTHONPATH: found.folder }) },
    missing: lacks(withoutPython(version, python), found ? undefined : "no boto3 here works with it"),
  };
}

function withoutSdk(version: string): Row {
  const python = findPython(version);
  return {
    name: `Python ${version}, signed by hand`,
    runtime: `python${version}` as Runtime,
    module: "with_urllib",
    code: () => zipOfFile("with_urllib.py"),
    ways: KNOWS_ONLY_AWS,
    ...(python !== undefined && { python }),
    missing: withoutPython(version, python),
  };
}

function zipOfFile(name: string): Promise<Uint8Array> {
  return zipOf({ [name]: readFileSync(join(FUNCTIONS, name)) });
}

/** On PATH, or where pyenv keeps those that are not switched on. */
export function findPython(version: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(":").filter((folder) => folder.startsWith("/"));
  const kept = folders.map((folder) => join(dirname(folder), "versions")).filter((folder) => existsSync(folder));
  const ofPyenv = kept.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.startsWith(`${version}.`))
      .map((name) => join(folder, name, "bin/python3")),
  );
  return [...ofPyenv, ...folders.map((folder) => join(folder, `python${version}`))].find(
    (file) => withoutProgram(file) === undefined,
  );
}

const withoutPython = (version: string, python: string | undefined) =>
  python === undefined ? `there is no Python ${version}` : undefined;

interface Boto3 {
  readonly folder: string;
  readonly version: string;
  /** Whether it is of before 1.28, and so knows no `AWS_ENDPOINT_URL`. */
  readonly isOld: boolean;
}

export function boto3Of(python: string): Boto3 | undefined {
  for (const folder of [boto3OfSetUp(), join(DEBIAN, "boto3/usr/lib/python3/dist-packages")]) {
    const code = "import boto3; boto3.client('s3', region_name='us-east-1'); print(boto3.__version__)";
    const env = { PATH: process.env["PATH"] ?? "", PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1" };
    const { status, stdout } = spawnSync(python, ["-c", code], { env, encoding: "utf8" });
    if (status !== 0) continue;
    const [major = 0, minor = 0] = stdout.split(".").map(Number);
    return { folder, version: stdout.trim(), isOld: major === 1 && minor < 28 };
  }
  return undefined;
}

/** What boto3 is made of, in plain Python. */
const BOTO3_PARTS = ["boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six.py"];

/** A folder with the boto3 of set-up's Python and nothing else. */
function boto3OfSetUp(): string {
  const folder = join(SCRATCH, "boto3");
  if (existsSync(folder)) return folder;
  mkdirSync(folder);
  const where = "import boto3, os; print(os.path.dirname(os.path.dirname(boto3.__file__)))";
  const packages = execFileSync(pythonPath(), ["-c", where], { encoding: "utf8" }).trim();
  for (const part of BOTO3_PARTS) symlinkSync(join(packages, part), join(folder, part));
  return folder;
}

function withoutOpenSsl(): string | undefined {
  const { status } = spawnSync("pkg-config", ["--exists", "openssl"]);
  return status === 0 ? undefined : "OpenSSL's headers are not there";
}
