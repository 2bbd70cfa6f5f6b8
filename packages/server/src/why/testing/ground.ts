import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { startServer } from "../../main.ts";
import type { Server, ServerOptions } from "../../server.ts";
import type { StoryEntry } from "../../story.ts";
import type { Diagnosis } from "../diagnosis.ts";

/*
 * A server on which real functions go wrong, one pipeline a function, and what the server's pages say of it.
 */

const ACCOUNT = "000000000000";
const PIPELINE_ROLE = `arn:aws:iam::${ACCOUNT}:role/pipeline`;
const WORKSPACE = fileURLToPath(new URL("../../../../..", import.meta.url));

export interface Trouble {
  /** Name of the function and of its pipeline. */
  readonly name: string;
  /** Module of the function: Node's unless `runtime` says otherwise. */
  readonly code: string;
  readonly runtime?: string;
  readonly handler?: string;
  readonly timeoutSeconds?: number;
  readonly memoryMb?: number;
  /** What the function's role may do beside reporting; `null` for nothing at all. */
  readonly allowed?: readonly string[] | null;
  readonly outputs?: readonly string[];
  readonly encryptionKey?: string;
  /** Files of its own instead of `code`, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** What a role of its own lets the pipeline do; without it, everything. */
  readonly pipelineMay?: readonly string[];
  /** The function that the action names, if not this one. */
  readonly functionName?: string;
}

/** A page of the inspector, as far as tests read it. */
export interface Page {
  readonly status: number;
  readonly diagnosis: Diagnosis;
  readonly timeline: readonly StoryEntry[];
  readonly countdowns: {
    readonly noReply: { readonly inMs: number };
    readonly nextCall: { readonly inMs: number } | null;
  } | null;
  readonly jobs: readonly { readonly id: string; readonly status: string; readonly continuationToken: string | null }[];
  readonly error?: string;
}

export interface Ground {
  readonly server: Server;
  readonly dir: string;
  readonly story: readonly StoryEntry[];
  /** Creates function and pipeline, and starts it; answers the execution's id. */
  start(trouble: Trouble): Promise<string>;
  /** The same, and waits until nothing runs; answers the page of its job, or of its execution where there is none. */
  page(trouble: Trouble): Promise<Page>;
  /** The page of the latest job of an execution's function. */
  pageOf(executionId: string): Promise<Page>;
  /** The first entry, told or to come, that fits. */
  told(fits: (entry: StoryEntry) => boolean): Promise<StoryEntry>;
  stop(): Promise<void>;
}

export async function startGround(options: Partial<ServerOptions> = {}): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), "penstock-why-"));
  const server = await startServer({
    dataDir: join(dir, "data"),
    timing: "fast",
    unreported: "fail",
    nodeModulesDirs: [join(WORKSPACE, "node_modules")],
    ...pythonOfSetUp(),
    log: (level, message) => void (level === "error" && console.error(message)), // a fault is why a test fails, if it does
    ...options,
  });
  const story: StoryEntry[] = [];
  const waiting = new Set<(entry: StoryEntry) => void>();
  server.watch((entry) => {
    story.push(entry);
    for (const tell of waiting) tell(entry);
  });
  await buildSurroundings(server);
  const ground: Ground = {
    server,
    dir,
    story,
    start: (trouble) => start(ground, trouble),
    async page(trouble) {
      const id = await start(ground, trouble);
      await server.settled(id);
      return ground.pageOf(id);
    },
    pageOf: (id) => pageOf(ground, id),
    told: (fits) =>
      new Promise((resolve) => {
        const known = story.find(fits);
        if (known) return resolve(known);
        const tell = (entry: StoryEntry) => {
          if (!fits(entry)) return;
          waiting.delete(tell);
          resolve(entry);
        };
        waiting.add(tell);
      }),
    async stop() {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return ground;
}

/** The Python with boto3 that set-up found. */
function pythonOfSetUp(): Pick<ServerOptions, "python"> {
  const note = join(WORKSPACE, ".tools/python.json");
  if (!existsSync(note)) return {};
  return { python: (JSON.parse(readFileSync(note, "utf8")) as { executable: string }).executable }; // set-up wrote it
}

/** GETs a page of Penstock's own. */
export async function get(server: Server, path: string): Promise<Page & Record<string, unknown>> {
  const response = await fetch(`${server.url}/_penstock/${path}`);
  return { ...((await response.json()) as Page & Record<string, unknown>), status: response.status }; // the server's own document
}

async function pageOf({ server, story }: Ground, executionId: string): Promise<Page> {
  const job = story.findLast((entry) => entry.executionId === executionId && entry.type === "jobCreated");
  return await get(server, `jobs/${job?.jobId}`);
}

async function createPipelineRole(server: Server, name: string, allowed: readonly string[]): Promise<void> {
  const services = { Service: ["codepipeline.amazonaws.com", "lambda.amazonaws.com"] };
  const trust = JSON.stringify({ Statement: { Effect: "Allow", Principal: services, Action: "sts:AssumeRole" } });
  await server.call("iam", "CreateRole", { RoleName: name, AssumeRolePolicyDocument: trust });
  await allow(server, name, allowed);
}

async function buildSurroundings(server: Server): Promise<void> {
  await createPipelineRole(server, "pipeline", ["*"]);
  await server.call("s3", "CreateBucket", { Bucket: "artifacts" });
  const VersioningConfiguration = { Status: "Enabled" };
  await server.call("s3", "PutBucketVersioning", { Bucket: "artifacts", VersioningConfiguration });
  await server.objects.put({ bucket: "artifacts", key: "source.zip", body: Readable.from([Buffer.from("source")]) });
}

async function allow(server: Server, role: string, actions: readonly string[]): Promise<void> {
  const document = JSON.stringify({ Statement: { Effect: "Allow", Action: actions, Resource: "*" } });
  await server.call("iam", "PutRolePolicy", { RoleName: role, PolicyName: "its-own", PolicyDocument: document });
}

const REPORTS = ["codepipeline:PutJobSuccessResult", "codepipeline:PutJobFailureResult"];

async function start(ground: Ground, trouble: Trouble): Promise<string> {
  const { server } = ground;
  const { name } = trouble;
  await deployFunction(ground, trouble);
  if (trouble.pipelineMay) await createPipelineRole(server, `${name}-pipeline`, trouble.pipelineMay);
  await server.deployPipeline(pipelineOf(trouble));
  const started = await server.call("codepipeline", "StartPipelineExecution", { name });
  return (started as { pipelineExecutionId: string }).pipelineExecutionId; // by the model
}

async function deployFunction({ server, dir }: Ground, trouble: Trouble): Promise<void> {
  const { name, runtime = "nodejs24.x", timeoutSeconds = 20, memoryMb = 256, allowed = [] } = trouble;
  const trust = JSON.stringify({
    Statement: { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
  });
  await server.call("iam", "CreateRole", { RoleName: name, AssumeRolePolicyDocument: trust });
  if (allowed !== null) await allow(server, name, [...REPORTS, ...allowed]);
  const codeDir = join(dir, "code", name);
  mkdirSync(codeDir, { recursive: true });
  const { files = { [runtime.startsWith("python") ? "app.py" : "app.mjs"]: trouble.code } } = trouble;
  for (const [file, text] of Object.entries(files)) writeFileSync(join(codeDir, file), text);
  await server.deployFunction({
    name,
    codeDir,
    runtime,
    handler: trouble.handler ?? "app.handler",
    roleArn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
    timeoutSeconds,
    memoryMb,
    environment: { DIR: dir },
  });
}

function pipelineOf({ name, functionName = name, outputs = [], encryptionKey, pipelineMay }: Trouble): object {
  const key = encryptionKey === undefined ? {} : { encryptionKey: { id: encryptionKey, type: "KMS" } };
  return {
    name,
    roleArn: pipelineMay ? `arn:aws:iam::${ACCOUNT}:role/${name}-pipeline` : PIPELINE_ROLE,
    artifactStore: { type: "S3", location: "artifacts", ...key },
    stages: [
      {
        name: "Source",
        actions: [
          {
            name: "Fetch",
            actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
            configuration: { S3Bucket: "artifacts", S3ObjectKey: "source.zip", PollForSourceChanges: "false" },
            outputArtifacts: [{ name: "SourceZip" }],
          },
        ],
      },
      {
        name: "Call",
        actions: [
          {
            name: "Call",
            actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
            configuration: { FunctionName: functionName },
            outputArtifacts: outputs.map((output) => ({ name: output })),
          },
        ],
      },
    ],
  };
}
