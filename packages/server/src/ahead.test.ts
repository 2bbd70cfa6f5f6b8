import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startFunctionAhead } from "./ahead.ts";
import { startServer } from "./main.ts";
import type { DeployFunction } from "./server.ts";

const PYTHON = `
import os
def handler(event, context):
    return {"pid": os.getpid(), "name": os.environ["AWS_LAMBDA_FUNCTION_NAME"], "home": os.environ["HOME"],
            "own": os.environ.get("OWN"), "echo": event}
`;
const NODE = `
export const handler = async (event) => ({
  pid: process.pid, name: process.env.AWS_LAMBDA_FUNCTION_NAME, home: process.env.HOME, own: process.env.OWN, echo: event,
});
`;

test.each([
  ["python3.12", "main.py", PYTHON],
  ["nodejs24.x", "main.mjs", NODE],
])(
  "a %s function that was started ahead of its server serves it, with its whole environment",
  async (runtime, name, text) => {
    const folder = newFolder();
    writeFileSync(join(folder, name), text);
    const cacheDir = join(newFolder(), "cache");
    const declared = declare(folder, runtime, { OWN: "yes" });
    await invoke({ cacheDir }, declared); // finds the interpreter, which a head start does not look for
    const ahead = startFunctionAhead(declared, join(folder, name), { cacheDir });
    expect(ahead?.pid).toBeGreaterThan(0);
    const seen = await invoke({ cacheDir, ...(ahead && { ahead }) }, declared);
    expect(seen).toMatchObject({ pid: ahead?.pid, name: "f", own: "yes", echo: { a: "ü" } });
    expect(seen.home).not.toBe("/nonexistent");
  },
);

test("a function that sets what its interpreter reads at the start gets a process of its own", async () => {
  const folder = newFolder();
  writeFileSync(join(folder, "main.py"), PYTHON);
  const cacheDir = join(newFolder(), "cache");
  const declared = declare(folder, "python3.12", { PYTHONDONTWRITEBYTECODE: "1" });
  await invoke({ cacheDir }, declared);
  const ahead = startFunctionAhead(declared, join(folder, "main.py"), { cacheDir });
  const seen = await invoke({ cacheDir, ...(ahead && { ahead }) }, declared);
  expect(seen.pid).not.toBe(ahead?.pid);
});

const TOOLKIT = `
import { defineJob } from "@penstock/toolkit";
export const handler = defineJob({ run: (job) => job.input("Source").extract() });
`;

test.each([
  ["a client that it imports", 'import { S3Client } from "@aws-sdk/client-s3";\n', ["@aws-sdk/client-s3"]],
  [
    "the toolkit, with the clients that a job will need",
    TOOLKIT,
    ["@penstock/toolkit", "@aws-sdk/client-codepipeline", "@aws-sdk/client-s3"],
  ],
  ["nothing of what it only mentions", '// import "@penstock/toolkit"\nexport const a = "@aws-sdk/client-s3";\n', []],
])("a Node function that starts ahead has loaded %s", async (_, text, expected) => {
  const folder = newFolder();
  writeFileSync(join(folder, "main.mjs"), text);
  const cacheDir = join(newFolder(), "cache");
  const declared = declare(folder, "nodejs24.x", {});
  await invoke({ cacheDir }, declared).catch(() => {}); // finds the interpreter; what the function says is of no interest
  const ahead = startFunctionAhead(declared, join(folder, "main.mjs"), { cacheDir });
  const shown = execFileSync("ps", ["-o", "args=", "-p", String(ahead?.pid)], { encoding: "utf8" });
  process.kill(ahead?.pid ?? 0);
  expect(shown.trim().split(" --ahead ")[1]?.split(" ") ?? []).toEqual(expected);
});

test("a Node function whose SDK was loaded ahead comes here also by a host of AWS in its code", async () => {
  const folder = newFolder();
  const text = `import { CodePipeline } from "@aws-sdk/client-codepipeline";
const http2 = process.getBuiltinModule("node:http2"); // not imported: an import would have it redirected anew
const client = new CodePipeline({ endpoint: "https://codepipeline.us-east-1.amazonaws.com", maxAttempts: 1 });
const refusal = (error) => ({ pid: process.pid, name: error.name });
export const handler = async () => {
  try { http2.connect("https://kinesis.us-east-1.amazonaws.com"); } catch (error) { if (error.name !== "PenstockServiceNotServed") throw error; }
  return await client.listPipelines().catch(refusal);
};\n`;
  writeFileSync(join(folder, "main.mjs"), text);
  const installation = { nodeModulesDirs: [fileURLToPath(new URL("../../../node_modules", import.meta.url))] };
  const declared = declare(folder, "nodejs24.x", {});
  const ahead = startFunctionAhead(declared, join(folder, "main.mjs"), installation);
  const seen = await invoke({ ...installation, ...(ahead && { ahead }) }, declared);
  expect(seen).toEqual({ pid: ahead?.pid, name: "AccessDeniedException" }); // which only a server says
});

function declare(codeDir: string, runtime: string, environment: Record<string, string>): DeployFunction {
  const roleArn = "arn:aws:iam::000000000000:role/f";
  return {
    name: "f",
    runtime,
    handler: "main.handler",
    codeDir,
    environment,
    timeoutSeconds: 10,
    memoryMb: 256,
    roleArn,
  };
}

/** Starts a server, calls the function in it, and answers what it returned. */
async function invoke(
  options: Pick<Parameters<typeof startServer>[0], "ahead" | "cacheDir" | "nodeModulesDirs">,
  declared: DeployFunction,
) {
  const server = await startServer({ ...options, dataDir: join(newFolder(), "data"), isThrowAway: true });
  try {
    await server.deployFunction(declared);
    const input = { FunctionName: "f", Payload: Buffer.from('{"a":"ü"}') };
    // The model's output: a payload of bytes.
    const { Payload } = (await server.call("lambda", "Invoke", input)) as { Payload: Uint8Array };
    return JSON.parse(Buffer.from(Payload).toString()) as { pid: number; home: string }; // the function wrote it
  } finally {
    await server.stop();
  }
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "penstock-ahead-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
