/** Replays under a debugger: Node's own, spoken to by its protocol, and Python's, which has to be installed. */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { captureFile, freePort } from "./testing/captures.ts";
import { functionFolder, penstock } from "./testing/penstock.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

test("a Node function waits for the debugger, is not timed, and runs when it is let go", async () => {
  const code = functionFolder(`
import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
export const handler = async (event, context) => {
  console.log("left " + (context.getRemainingTimeInMillis() > 3_600_000));
  debugger;
  await new CodePipelineClient({}).send(new PutJobSuccessResultCommand({ jobId: event["CodePipeline.job"].id }));
};
`);
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN, "replay", captureFile("nodejs24.x", code), `--inspect=${port}`]);
  let output = "";
  const attachable = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (part: Buffer) => {
      output += part.toString();
      if (output.includes(" created")) attachable.resolve();
    });
  }
  const ended = new Promise<number | null>((done) => child.on("exit", done));
  await Promise.race([attachable.promise, ended]);
  const pauses = await debugged(port);
  expect({ status: await ended, output }).toMatchObject({ status: 0 });
  expect(pauses).toContain("app.mjs"); // it stopped at the function's own statement
  expect(output).toContain(`"port": ${port}`);
  expect(output).toContain("left true");
}, 60_000);

/** Attaches, and continues wherever it stops; answers the files of the stops. */
async function debugged(port: number): Promise<readonly string[]> {
  const socket = new WebSocket(await debuggerUrl(port));
  await new Promise((open) => socket.addEventListener("open", open, { once: true }));
  const files = new Map<string, string>();
  const stops: string[] = [];
  let id = 0;
  const send = (method: string) => socket.send(JSON.stringify({ id: ++id, method }));
  socket.addEventListener("message", ({ data }) => {
    const { method, params } = JSON.parse(String(data)) as InspectorMessage; // the protocol of V8's inspector
    if (method === "Debugger.scriptParsed") files.set(params.scriptId, params.url.split("/").at(-1) ?? "");
    if (method !== "Debugger.paused") return;
    stops.push(files.get(params.callFrames[0]?.location.scriptId ?? "") ?? "");
    send("Debugger.resume");
  });
  for (const method of ["Debugger.enable", "Runtime.enable", "Runtime.runIfWaitingForDebugger"]) send(method);
  await new Promise((closed) => socket.addEventListener("close", closed, { once: true }));
  return stops;
}

type InspectorMessage =
  | { readonly method: "Debugger.scriptParsed"; readonly params: { scriptId: string; url: string } }
  | {
      readonly method: "Debugger.paused";
      readonly params: { readonly callFrames: readonly { readonly location: { readonly scriptId: string } }[] };
    };

const ASKED_MAX = 500;

/** The process listens soon after it was started; each question takes a connection, so they do not come in a hurry. */
async function debuggerUrl(port: number): Promise<string> {
  for (let asked = 0; asked < ASKED_MAX; asked++) {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`).catch(() => undefined);
    const [target] = answer ? ((await answer.json()) as { webSocketDebuggerUrl: string }[]) : []; // the inspector's list
    if (target) return target.webSocketDebuggerUrl;
    await new Promise((next) => setImmediate(next));
  }
  throw new Error("nobody listens on the debugger's port");
}

const PYTHON = `
import json
import boto3
def handler(event, context):
    boto3.client("codepipeline").put_job_success_result(jobId=event["CodePipeline.job"]["id"])
`;

/** Stands in for debugpy, which is not everywhere: writes down how it was called and runs the script as debugpy does. */
const DEBUGPY = `
import json, os, runpy, sys
with open(os.path.join(os.environ["LAMBDA_TASK_ROOT"], "called.json"), "w") as file:
    json.dump(sys.argv[1:], file)
script = sys.argv[4]
sys.argv = sys.argv[4:]
sys.path.insert(0, os.path.dirname(script))
runpy.run_path(script, run_name="__main__")
`;

test("a Python function is started by debugpy, which is told where to listen", async () => {
  const code = functionFolder(PYTHON, "app.py");
  mkdirSync(join(code, "debugpy"));
  writeFileSync(join(code, "debugpy", "__init__.py"), "");
  writeFileSync(join(code, "debugpy", "__main__.py"), DEBUGPY);
  const done = await penstock(["replay", captureFile("python3.12", code), "--inspect=5999"]);
  expect(done).toMatchObject({ status: 0 });
  const called = JSON.parse(readFileSync(join(code, "called.json"), "utf8")) as string[]; // as the stand-in wrote it
  expect(called).toEqual(["--listen", "127.0.0.1:5999", "--wait-for-client", expect.stringMatching(/bootstrap\.py$/)]);
}, 60_000);

test("where debugpy cannot be imported, it is said how to install it", async () => {
  const code = functionFolder(PYTHON, "app.py");
  writeFileSync(join(code, "debugpy.py"), 'raise ImportError("there is none")\n');
  const done = await penstock(["replay", captureFile("python3.12", code), "--inspect"]);
  expect(done.status).toBe(1);
  expect(done.stdout).toMatch(/cannot import debugpy\. Install it with: \S+ -m pip install debugpy/);
}, 60_000);
