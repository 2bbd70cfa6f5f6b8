import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createFunctionHost, type FunctionHostOptions } from "../function-host.ts";
import type { FunctionHost, FunctionSpec, InvocationEnd } from "../host.ts";
import { createInterpreters } from "../interpreters.ts";

/** A real host with a folder for real functions. */
export interface Workbench {
  readonly host: FunctionHost;
  readonly folder: string;
  /** Writes a function's files and describes it. `mode` is for every file. */
  write(files: Readonly<Record<string, string>>, spec: Partial<FunctionSpec>, mode?: number): FunctionSpec;
  /** Runs one attempt, and keeps its lines. */
  run(spec: FunctionSpec, event?: unknown): Promise<Attempt>;
  close(): Promise<void>;
}

export interface Attempt extends InvocationEnd {
  readonly requestId: string;
  readonly lines: readonly string[];
  /** The payload, parsed. */
  readonly value: unknown;
}

/** Far enough that no test's credentials end by themselves. Unit: milliseconds. */
const CREDENTIALS_MS = 3_600_000;

/** One for a whole file, because each Python is asked only once. */
const interpreters = createInterpreters({ path: process.env["PATH"] ?? "/usr/bin:/bin", home: process.env["HOME"] });

export function openWorkbench(options: Partial<FunctionHostOptions> = {}): Workbench {
  const folder = mkdtempSync(join(tmpdir(), "penstock-workbench-"));
  const host = createFunctionHost({
    endpointUrl: () => "http://127.0.0.1:4566",
    credentialsFor: () => ({
      accessKeyId: "ASIAEXAMPLE",
      secretAccessKey: "secret-of-the-function",
      sessionToken: "token-of-the-function",
      expiresAt: Date.now() + CREDENTIALS_MS,
    }),
    interpreters,
    now: Date.now,
    log: { warn: (text) => process.stderr.write(`${text}\n`) },
    ...options,
  });
  return {
    host,
    folder,
    write: (files, spec, mode) => writeFunction(folder, files, spec, mode),
    run: (spec, event = {}) => run(host, spec, event),
    async close() {
      await host.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A workbench whose functions in Python are forked, as soon as there is something to fork them from. */
export function openForkingWorkbench(): Workbench {
  const forking = createInterpreters({ path: process.env["PATH"] ?? "", home: process.env["HOME"], python: noted() });
  return openWorkbench({ preloadedFork: "python", limits: { preloadAfterMs: 0 }, interpreters: forking });
}

/** The Python with boto3 that set-up found or made. */
function noted(): string | undefined {
  const file = new URL("../../../../../.tools/python.json", import.meta.url);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { executable: string }).executable : undefined; // set-up wrote it
}

function writeFunction(
  folder: string,
  files: Readonly<Record<string, string>>,
  spec: Partial<FunctionSpec>,
  mode = 0o644,
): FunctionSpec {
  const name = spec.name ?? `function-${randomUUID()}`;
  const codeDir = join(folder, `${name}-${randomUUID()}`);
  for (const [path, text] of Object.entries({ ".keep": "", ...files })) {
    mkdirSync(dirname(join(codeDir, path)), { recursive: true });
    writeFileSync(join(codeDir, path), text, { mode });
  }
  return {
    arn: `arn:aws:lambda:eu-west-1:111122223333:function:${name}`,
    name,
    region: "eu-west-1",
    account: "111122223333",
    version: "$LATEST",
    runtime: "nodejs24.x",
    handler: "index.handler",
    codeDir,
    environment: {},
    timeoutSeconds: 20,
    memoryMb: 256,
    roleArn: "arn:aws:iam::111122223333:role/function",
    revisionId: randomUUID(),
    ...spec,
  };
}

async function run(host: FunctionHost, spec: FunctionSpec, event: unknown): Promise<Attempt> {
  const lines: string[] = [];
  const requestId = randomUUID();
  const payload = Buffer.from(JSON.stringify(event));
  const end = await host.invoke(spec, { requestId, payload, onLine: (line) => lines.push(line) });
  const told = [...lines]; // Whatever comes after the end would not be seen.
  return { ...end, requestId, lines: told, value: JSON.parse(end.payload.toString("utf8")) };
}

/** A pipe with a name. Its reader learns when the last process that has it open is gone. */
export interface Fifo {
  readonly path: string;
  /** Somebody wrote to it. */
  readonly open: Promise<void>;
  /** Nobody has it open any more; answers all that was written. */
  readonly closed: Promise<string>;
}

export function openFifo(folder: string, name: string): Fifo {
  const path = join(folder, name);
  execFileSync("mkfifo", [path]);
  const stream = createReadStream(path, "utf8");
  let text = "";
  let opened = () => {};
  const open = new Promise<void>((resolve) => {
    opened = resolve;
  });
  stream.on("data", (chunk) => {
    text += chunk;
    opened();
  });
  const closed = new Promise<string>((resolve) => stream.on("end", () => resolve(text)));
  return { path, open, closed };
}
