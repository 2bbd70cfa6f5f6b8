import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openFifo, openWorkbench, type Workbench } from "./testing/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = openWorkbench();
});
afterEach(async () => {
  await bench.close();
});

const python = (code: string, spec = {}) =>
  bench.write({ "app.py": code }, { runtime: "python3.11", handler: "app.handler", ...spec });
const node = (code: string, spec = {}) => bench.write({ "index.mjs": code }, { handler: "index.handler", ...spec });

describe("what a function sees of its surroundings", () => {
  const ENVIRONMENT = "import os\ndef handler(event, context):\n  return dict(os.environ)";

  test("nothing of the server's environment, and no profile of the user", async () => {
    process.env["AWS_PROFILE"] = "production";
    process.env["NODE_EXTRA_CA_CERTS"] = "/etc/ssl/cert.pem";
    process.env["SECRET_OF_THE_SERVER"] = "x";
    const seen = (await bench.run(python(ENVIRONMENT))).value;
    for (const name of ["AWS_PROFILE", "NODE_EXTRA_CA_CERTS", "SECRET_OF_THE_SERVER"]) delete process.env[name];
    expect(Object.keys(Object(seen)).sort().join(" ").replace("LC_CTYPE ", "")).toBe(
      [
        "AWS_ACCESS_KEY_ID AWS_CONFIG_FILE AWS_DEFAULT_REGION AWS_EC2_METADATA_DISABLED AWS_ENDPOINT_URL",
        "AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE AWS_LAMBDA_LOG_FORMAT AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API AWS_REGION AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SHARED_CREDENTIALS_FILE",
        "AWS_XRAY_CONTEXT_MISSING HOME LAMBDA_RUNTIME_DIR LAMBDA_TASK_ROOT LANG PATH TZ _HANDLER _X_AMZN_TRACE_ID",
      ].join(" "),
    );
    expect(existsSync(Object(seen).AWS_SHARED_CREDENTIALS_FILE)).toBe(false);
  });

  test("Lambda's variables, and its own, which cannot take the reserved names", async () => {
    const environment = { OWN: "1", AWS_REGION: "mars-1", TZ: "CET", AWS_ENDPOINT_URL: "http://elsewhere" };
    const spec = python(ENVIRONMENT, { name: "seen", environment });
    expect((await bench.run(spec)).value).toMatchObject({
      OWN: "1",
      TZ: "CET",
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_ENDPOINT_URL: "http://elsewhere",
      AWS_ACCESS_KEY_ID: "ASIAEXAMPLE",
      AWS_SESSION_TOKEN: "token-of-the-function",
      AWS_EXECUTION_ENV: "AWS_Lambda_python3.11",
      AWS_LAMBDA_FUNCTION_NAME: "seen",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/seen",
      AWS_LAMBDA_LOG_STREAM_NAME: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      AWS_LAMBDA_RUNTIME_API: "127.0.0.1:4566",
      LAMBDA_TASK_ROOT: spec.codeDir,
      _HANDLER: "app.handler",
      _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/),
    });
  });

  test("its code folder is where it works", async () => {
    const spec = node("export const handler = async () => process.cwd()");
    expect((await bench.run(spec)).value).toBe(spec.codeDir);
  });
});

describe("lines", () => {
  test("all that was written before the answer is told before the attempt ends", async () => {
    const spec = python(`import subprocess, sys
print('loading')
def handler(event, context):
  for i in range(500): print('line', i)
  sys.stdout.write('no newline at the end')
  sys.stdout.flush()
  subprocess.run(['sh', '-c', 'echo; echo from a child >&2'])
  return 1`);
    const first = await bench.run(spec);
    const numbered = Array.from({ length: 500 }, (_, i) => `line ${i}`);
    expect(first.lines.slice(0, -1)).toEqual([
      "loading",
      `START RequestId: ${first.requestId} Version: $LATEST`,
      ...numbered,
      "no newline at the end",
      "from a child",
      `END RequestId: ${first.requestId}`,
    ]);
    for (let round = 0; round < 20; round++) {
      const again = await bench.run(spec);
      expect(again.lines).toHaveLength(505);
    }
  });

  test("also when line and answer are both there before the server looks", async () => {
    const spec = python(`import threading, time
def later(path):
  time.sleep(0.02)
  open(path, 'w').close()
def handler(event, context):
  print('line')
  threading.Thread(target=later, args=[event['path']]).start()`);
    for (let round = 0; round < 5; round++) {
      const path = join(bench.folder, `written-${round}`);
      const attempt = bench.run(spec, { path });
      await nextTurn();
      while (round > 0 && !existsSync(path)); // The server's only thread stands still meanwhile.
      const { lines } = await attempt;
      expect(lines.slice(-3)[0]).toBe("line");
    }
  });

  test("each attempt is told its own", async () => {
    const spec = node("export const handler = async ({ word }) => console.log(word)");
    await bench.run(spec, { word: "one" });
    const second = await bench.run(spec, { word: "two" });
    expect(second.lines.join("\n")).toMatch(/\ttwo\n/);
    expect(second.lines.join("\n")).not.toContain("one");
  });

  test("REPORT has Lambda's form", async () => {
    const { lines, requestId, maxMemoryMb } = await bench.run(python("def handler(event, context):\n  pass"));
    const report =
      /^REPORT RequestId: (\S+)\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: (\d+) MB\tInit Duration: \d+\.\d\d ms\t$/;
    expect(report.exec(lines.at(-1) ?? "")?.slice(1)).toEqual([requestId, String(maxMemoryMb)]);
  });

  test("an error is shown as each runtime shows it", async () => {
    const inPython = await bench.run(python("def handler(event, context):\n  raise KeyError('k')"));
    const inNode = await bench.run(node("export const handler = async () => { throw new RangeError('far') }"));
    expect(inPython.lines).toContain("[ERROR] KeyError: 'k'");
    expect(inPython.lines).toContain("Traceback (most recent call last):");
    expect(inNode.lines.find((line) => line.includes("ERROR"))).toMatch(
      /^[\dTZ:.-]+\t[0-9a-f-]{36}\tERROR\tInvoke Error \t\{"errorType":"RangeError","errorMessage":"far","stack":\[/,
    );
  });
});

describe("when the server is killed", () => {
  /** A server of its own, to be killed: it runs one function, and keeps running. */
  const SERVER = `
    import { openWorkbench } from ${JSON.stringify(new URL("./testing/workbench.ts", import.meta.url).href)};
    const bench = openWorkbench();
    const { files, spec, mode } = JSON.parse(process.argv.at(-1));
    void bench.run(bench.write(files, spec, mode));
  `;
  const busy = {
    python: {
      spec: { runtime: "python3.11", handler: "app.handler" },
      code: (pipe: string) => ({
        "app.py": `pipe = open('${pipe}', 'w')\ndef handler(event, context):\n  print('busy', file=pipe, flush=True)\n  while True: pass`,
      }),
    },
    node: {
      spec: { runtime: "nodejs24.x", handler: "index.handler" },
      code: (pipe: string) => ({
        "index.mjs": `import { openSync, writeSync } from 'node:fs';\nexport const handler = () => { writeSync(openSync('${pipe}', 'w'), 'busy\\n'); return new Promise(() => setInterval(() => {}, 1000)); }`,
      }),
    },
    provided: {
      spec: { runtime: "provided.al2023" },
      code: (pipe: string) => ({
        bootstrap: `#!/bin/sh\nexec 9>${pipe}\necho busy >&9\nwhile true; do sleep 1000; done\n`,
      }),
    },
  };

  test.each(["python", "node", "provided"] as const)("a busy function in %s ends as well", async (kind) => {
    const alive = openFifo(bench.folder, "orphan");
    const { spec, code } = busy[kind];
    const function_ = JSON.stringify({ files: code(alive.path), spec, mode: 0o755 });
    const server = spawn(process.execPath, ["--input-type=module", "-e", SERVER, "--", function_], {
      stdio: "inherit",
    });
    await alive.open;
    server.kill("SIGKILL");
    expect(await alive.closed).toBe("busy\n");
  });
});
