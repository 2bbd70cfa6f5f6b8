import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Runtime } from "@aws-sdk/client-lambda";
import { zipFolder } from "@penstock/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pythonPath } from "./boto3.ts";
import type { Client } from "./client.ts";
import { BUCKET, createFunction, lambdaAction, layGround, pipeline, REPORTING_POLICY, zipOf } from "./ground.ts";
import { javascript } from "./javascript.ts";
import { type Penstock, startPenstock, WORKSPACE } from "./server.ts";

/*
 * Functions that know nothing of Penstock, in every language and with every SDK at hand, each in every way of naming
 * where AWS is. One only reports, one copies its artifact first; what it wrote must be what was there.
 */

const FUNCTIONS = join(WORKSPACE, "conformance/functions/matrix");
const scratch = mkdtempSync(join(tmpdir(), "penstock-matrix-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What a function finds in its environment, as the place where AWS is; the SDK is left to itself unless told. */
const WAYS = {
  "no endpoint": {},
  "no endpoint, by an SDK that knows no AWS_ENDPOINT_URL": {
    AWS_ENDPOINT_URL: "",
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true",
  },
  "hosts of AWS": {
    MATRIX_CODEPIPELINE: "https://codepipeline.us-east-1.amazonaws.com",
    MATRIX_S3: "https://s3.us-east-1.amazonaws.com",
  },
  "http://localstack:4566": { MATRIX_CODEPIPELINE: "http://localstack:4566", MATRIX_S3: "http://localstack:4566" },
} as const;

type Way = keyof typeof WAYS;
const ALL_WAYS = Object.keys(WAYS) as readonly Way[]; // the keys of a constant
/** Programs without an SDK take the variable themselves or name a host. */
const WAYS_WITHOUT_SDK = ALL_WAYS.filter((way) => !way.includes("by an SDK"));

/** What boto3 is made of, in plain Python. */
const BOTO3_PARTS = ["boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six.py"];

interface Row {
  readonly name: string;
  readonly runtime: Runtime;
  /** Module of the handlers `report` and `copy`; absent where the handlers' names stand alone. */
  readonly module?: string;
  readonly code: () => Promise<Uint8Array>;
  readonly ways: readonly Way[];
  /** The Python that is to run it, whatever is on the machine. */
  readonly python?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it only reports. */
  readonly onlyReports?: boolean;
  /** Why it cannot be run on this machine. */
  readonly missing?: string | undefined;
}

const ROWS: readonly Row[] = [
  ...["3.6", "3.9", "3.10", "3.11", "3.12", "3.13"].map(pythonRow),
  throughProxy(pythonRow("3.11")),
  {
    name: "AWS SDK for JavaScript v2",
    runtime: "nodejs18.x",
    module: "sdk-v2",
    code: () => zipOfFile("sdk-v2.js"),
    ways: ALL_WAYS,
  },
  {
    name: "AWS SDK for JavaScript v3",
    runtime: "nodejs22.x",
    module: "sdk-v3",
    code: () => zipOfFile("sdk-v3.mjs"),
    ways: ALL_WAYS,
  },
  {
    name: "bash with curl --aws-sigv4",
    runtime: "provided.al2023",
    code: () => zipOfBootstrap(readFileSync(join(FUNCTIONS, "bootstrap.sh"))),
    ways: WAYS_WITHOUT_SDK,
    missing: whyNoCurl(),
  },
  {
    name: "C with curl --aws-sigv4",
    runtime: "provided.al2",
    code: () => zipOfBootstrap(compiled("bootstrap.c")),
    ways: WAYS_WITHOUT_SDK,
    onlyReports: true,
    missing: whyNoCurl() ?? (canRun("gcc", "--version") ? undefined : "there is no gcc"),
  },
];

for (const row of ROWS) {
  // Not every machine has every Python, curl and compiler; the name says what this one lacks.
  if (row.missing) test.skip(`${row.name}: ${row.missing}`, () => {});
  else describe(row.name, () => runRow(row));
}

function runRow(row: Row): void {
  let server: Penstock;
  let client: Client;
  let source: Uint8Array;
  beforeAll(async () => {
    source = await zipOf({ "readme.txt": `for ${row.name}\n` });
    server = await startWith(row.python);
    client = javascript(server);
    await layGround(client, source);
  });
  afterAll(() => server.stop());

  test.each(row.ways)("%s", async (way) => {
    const name = `way-${row.ways.indexOf(way)}`;
    const code = await row.code();
    for (const handler of row.onlyReports ? ["report"] : ["report", "copy"]) {
      await createFunction(client, {
        name: `${name}-${handler}`,
        runtime: row.runtime,
        handler: row.module ? `${row.module}.${handler}` : handler,
        code,
        policy: REPORTING_POLICY,
        environment: { ...row.environment, ...WAYS[way] },
      });
    }
    const copies = { inputArtifacts: [{ name: "SourceZip" }], outputArtifacts: [{ name: "Copied" }] };
    const stages = [lambdaAction("Report", `${name}-report`), lambdaAction("Copy", `${name}-copy`, copies)];
    await client.codePipeline.createPipeline({
      pipeline: pipeline(name, row.onlyReports ? stages.slice(0, 1) : stages),
    });
    await expectSucceeded(server, client, name);
    if (!row.onlyReports) expect(Buffer.from((await copyOf(client, name)) ?? [])).toEqual(source);
  });
}

async function expectSucceeded(server: Penstock, { codePipeline }: Client, pipelineName: string): Promise<void> {
  const listed = await codePipeline.listPipelineExecutions({ pipelineName });
  const pipelineExecutionId = listed.pipelineExecutionSummaries?.[0]?.pipelineExecutionId;
  await server.settled(pipelineExecutionId);
  const { actionExecutionDetails } = await codePipeline.listActionExecutions({ pipelineName });
  const failed = actionExecutionDetails?.filter(({ status }) => status !== "Succeeded");
  expect(failed?.map(({ output }) => output?.executionResult)).toEqual([]);
  const { pipelineExecution } = await codePipeline.getPipelineExecution({ pipelineName, pipelineExecutionId });
  expect(pipelineExecution?.status).toBe("Succeeded");
}

async function copyOf({ codePipeline, s3 }: Client, pipelineName: string): Promise<Uint8Array | undefined> {
  const { actionExecutionDetails = [] } = await codePipeline.listActionExecutions({ pipelineName });
  const copied = actionExecutionDetails.find(({ actionName }) => actionName === "Copy")?.output?.outputArtifacts?.[0];
  const { Body: body } = await s3.getObject({ Bucket: BUCKET, Key: copied?.s3location?.key });
  return body?.transformToByteArray();
}

/** A server whose Python functions are run by one Python. */
async function startWith(python: string | undefined): Promise<Penstock> {
  const before = process.env["PENSTOCK_PYTHON"];
  if (python) process.env["PENSTOCK_PYTHON"] = python;
  try {
    return await startPenstock();
  } finally {
    if (before === undefined) delete process.env["PENSTOCK_PYTHON"];
    else process.env["PENSTOCK_PYTHON"] = before;
  }
}

function pythonRow(version: string): Row {
  const runtime = `python${version}` as Runtime; // the oldest are no longer in the client's list
  const python = findPython(version);
  const lib = python && libOfBoto3(python);
  const module = lib ? "with_boto3" : "with_urllib";
  const name = `Python ${version}, ${lib ? "boto3" : "signed by hand, because no boto3 here works with it"}`;
  return {
    name,
    runtime,
    module,
    code: () => zipOfFile(`${module}.py`),
    ways: lib ? ALL_WAYS : WAYS_WITHOUT_SDK,
    ...(python && { python }),
    ...(lib && { environment: { PYTHONPATH: lib } }),
    missing: python ? undefined : `there is no Python ${version}`,
  };
}

/** The same without the redirection below the SDK. */
function throughProxy(row: Row): Row {
  const environment = { ...row.environment, PENSTOCK_REDIRECTION: "proxy" };
  return { ...row, name: `${row.name}, through the proxy`, environment };
}

/** On PATH, or where pyenv keeps those that are not switched on. */
function findPython(version: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(":").filter((folder) => folder.startsWith("/"));
  const kept = folders.map((folder) => join(dirname(folder), "versions")).filter((folder) => existsSync(folder));
  const ofPyenv = kept.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.startsWith(`${version}.`))
      .map((name) => join(folder, name, "bin/python3")),
  );
  return [...ofPyenv, ...folders.map((folder) => join(folder, `python${version}`))].find((file) =>
    canRun(file, "--version"),
  );
}

/** A folder with the boto3 of set-up's Python and nothing else, if it works with this Python. */
function libOfBoto3(python: string): string | undefined {
  const folder = join(scratch, "boto3");
  if (!existsSync(folder)) {
    mkdirSync(folder);
    const where = "import boto3, os; print(os.path.dirname(os.path.dirname(boto3.__file__)))";
    const packages = execFileSync(pythonPath(), ["-c", where], { encoding: "utf8" }).trim();
    for (const part of BOTO3_PARTS) symlinkSync(join(packages, part), join(folder, part));
  }
  const tried = spawnSync(python, ["-c", "import boto3; boto3.client('s3', region_name='us-east-1')"], {
    env: { PATH: process.env["PATH"] ?? "", PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1" },
  });
  return tried.status === 0 ? folder : undefined;
}

function whyNoCurl(): string | undefined {
  const tried = spawnSync("curl", ["--help", "all"], { encoding: "utf8" });
  return tried.stdout?.includes("--aws-sigv4") ? undefined : "there is no curl that knows --aws-sigv4";
}

function canRun(file: string, option: string): boolean {
  return spawnSync(file, [option]).status === 0;
}

function compiled(file: string): Buffer {
  const program = join(scratch, "bootstrap-compiled");
  execFileSync("gcc", ["-O1", "-o", program, join(FUNCTIONS, file)]);
  return readFileSync(program);
}

function zipOfFile(name: string): Promise<Uint8Array> {
  return zipOf({ [name]: readFileSync(join(FUNCTIONS, name)) });
}

async function zipOfBootstrap(content: Uint8Array): Promise<Uint8Array> {
  const folder = mkdtempSync(join(scratch, "bootstrap-"));
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "in/bootstrap"), content);
  chmodSync(join(folder, "in/bootstrap"), 0o755);
  await zipFolder(join(folder, "in"), join(folder, "out.zip"));
  return readFileSync(join(folder, "out.zip"));
}
