import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createInterpreters } from "./interpreters.ts";
import { openWorkbench, type Workbench } from "./testing/workbench.ts";

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

/** A pipe with a name: its reader is told when the last process that has it open is gone. */
function fifo(name: string) {
  const path = join(bench.folder, name);
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

describe("how an attempt ends", () => {
  test("a handler's value comes back as JSON", async () => {
    const end = await bench.run(python("def handler(event, context):\n  return {'got': event}"), { a: [1, "ü€😀"] });
    expect(end).toMatchObject({ outcome: "returned", value: { got: { a: [1, "ü€😀"] } } });
    expect(end.initMs).toBeGreaterThan(0);
  });

  test("a handler that raises leaves its environment alive", async () => {
    const spec = python("import os\ndef handler(event, context):\n  raise TypeError('pid %d' % os.getpid())");
    const first = await bench.run(spec);
    const second = await bench.run(spec);
    expect(first.outcome).toBe("raised");
    expect(first.error).toMatchObject({ errorType: "TypeError", errorMessage: expect.stringMatching(/^pid \d+$/) });
    expect(first.error?.stackTrace.join("")).toContain("app.py");
    expect(second.error?.errorMessage).toBe(first.error?.errorMessage);
    expect(second.initMs).toBeUndefined();
  });

  test("a handler that takes too long is killed, with Lambda's words", async () => {
    const spec = python("import time\ndef handler(event, context):\n  time.sleep(60)", { timeoutSeconds: 1 });
    const end = await bench.run(spec);
    expect(end.outcome).toBe("timedOut");
    expect(end.error?.errorMessage).toMatch(
      new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z ${end.requestId} Task timed out after 1\\.00 seconds$`),
    );
    expect(end.lines).toContain(end.error?.errorMessage);
    expect(end.lines.at(-1)).toContain("Duration: 1000.00 ms\tBilled Duration: 1000 ms");
    expect(end.lines.at(-1)).toContain("Status: timeout");
  });

  test.each([
    ["os._exit(3)", "exit status 3"],
    ["os.kill(os.getpid(), 9)", "signal: killed"],
    ["sys.exit(4)", "exit status 4"],
    ["os.abort()", "signal: aborted"],
  ])("a process that ends by %s has crashed, and the next attempt gets another", async (code, words) => {
    const spec = python(`import os, sys\ndef handler(event, context):\n  if event: ${code}\n  return 'fine'`);
    const end = await bench.run(spec, { crash: true });
    expect(end.outcome).toBe("crashed");
    expect(end.error).toMatchObject({
      errorType: "Runtime.ExitError",
      errorMessage: `RequestId: ${end.requestId} Error: Runtime exited with error: ${words}`,
    });
    expect((await bench.run(spec)).value).toBe("fine");
  });

  test("a process that ends with status 0 has crashed as well", async () => {
    const end = await bench.run(node("export const handler = () => process.exit(0)"));
    expect(end.error?.errorMessage).toContain("Runtime exited without providing a reason");
  });

  test("a process that does not ask for its first event in time could not start", async () => {
    const hasty = openWorkbench({ limits: { initMsMax: 300 } });
    const spec = hasty.write(
      { "app.py": "import time\ntime.sleep(60)" },
      { runtime: "python3.11", handler: "app.handler" },
    );
    const end = await hasty.run(spec);
    await hasty.close();
    expect(end.outcome).toBe("couldNotStart");
    expect(end.error?.errorMessage).toContain("did not ask for its first event within 0.30 seconds");
  });

  test("a process that ends before its first event could not start, and its lines tell why", async () => {
    const end = await bench.run(python("import os\nprint('no database', flush=True)\nos._exit(7)"));
    expect(end.outcome).toBe("couldNotStart");
    expect(end.error?.errorMessage).toBe("Error: Runtime exited with error: exit status 7");
    expect(end.lines).toContain("no database");
  });

  test("a function that holds more memory than it has is killed", async () => {
    const hungry = "def handler(event, context):\n  held = bytearray(b'x') * (400 * 1024 * 1024)\n  while True: pass";
    const end = await bench.run(python(hungry, { memoryMb: 128 }));
    expect(end).toMatchObject({ outcome: "crashed", error: { errorType: "Runtime.ExitError" } });
    expect(end.error?.errorMessage).toContain("signal: killed");
  });

  test("an answer over 6 MB is refused, and the environment lives on", async () => {
    const spec = python("def handler(event, context):\n  return 'x' * event['size']");
    const largest = await bench.run(spec, { size: 6_291_554 });
    const tooLarge = await bench.run(spec, { size: 6_291_555 });
    expect(largest.outcome).toBe("returned");
    expect(tooLarge).toMatchObject({ outcome: "raised", error: { errorType: "Function.ResponseSizeTooLarge" } });
    expect(tooLarge.error?.errorMessage).toContain("6291557 bytes");
    expect((await bench.run(spec, { size: 1 })).value).toBe("x");
  });

  test.each([["python3.11"], ["nodejs24.x"]])("large events and answers pass whole: %s", async (runtime) => {
    const files = {
      "index.py": "def handler(event, context):\n  return event['text'][::-1]",
      "index.mjs": "export const handler = async ({ text }) => text.split('').reverse().join('')",
    };
    const text = `${"ä".repeat(1_500_000)}Z`;
    const end = await bench.run(bench.write(files, { runtime }), { text });
    expect(end.value).toBe([...text].reverse().join(""));
  });
});

describe("what could not start", () => {
  test("an unknown runtime is refused with the ones that are known", async () => {
    const end = await bench.run(node("", { runtime: "java21" }));
    expect(end).toMatchObject({ outcome: "couldNotStart", error: { errorType: "Runtime.InvalidRuntime" } });
    expect(end.error?.errorMessage).toMatch(/java21.*nodejs<N>\.x, python3\.<N>/);
    expect(end.lines[0]).toBe(`START RequestId: ${end.requestId} Version: $LATEST`);
  });

  test("a missing interpreter is named with its remedy", async () => {
    const bare = openWorkbench({ interpreters: createInterpreters({ path: "/nowhere" }) });
    const end = await bare.run(bare.write({}, { runtime: "python3.12", handler: "app.handler" }));
    await bare.close();
    expect(end.outcome).toBe("couldNotStart");
    expect(end.error?.errorMessage).toMatch(/python3\.12 needs a Python 3.*Install.*PENSTOCK_PYTHON/);
  });

  test("a missing code folder is named", async () => {
    const end = await bench.run(node("", { codeDir: "/nowhere/code" }));
    expect(end.error?.errorMessage).toBe("The code folder /nowhere/code does not exist.");
  });

  test("provided without a bootstrap, or with one that is not executable, is refused", async () => {
    const without = await bench.run(bench.write({}, { runtime: "provided.al2023" }));
    const sleeping = await bench.run(bench.write({ bootstrap: "#!/bin/sh\n" }, { runtime: "provided.al2023" }, 0o644));
    expect(without.error).toMatchObject({ errorType: "Runtime.InvalidEntrypoint" });
    expect(without.error?.errorMessage).toContain("Couldn't find valid bootstrap(s)");
    expect(sleeping.error?.errorMessage).toContain("chmod +x bootstrap");
  });

  test("a failure while prestarting is told to the first attempt, and only to it", async () => {
    const spec = node("globalThis.missing.part");
    bench.host.prestart(spec);
    const first = await bench.run(spec);
    const second = await bench.run(spec);
    expect(first).toMatchObject({ outcome: "couldNotStart", error: { errorType: "TypeError" } });
    expect(second).toMatchObject({ outcome: "couldNotStart", error: { errorType: "TypeError" } });
  });

  test("credentials that cannot be had end the attempt, and not the server", async () => {
    const fault = () => {
      throw new Error("no such role");
    };
    const poor = openWorkbench({ credentialsFor: fault });
    const end = await poor.run(poor.write({ "index.mjs": "" }, {}));
    await poor.close();
    expect(end.outcome).toBe("couldNotStart");
    expect(end.error?.errorMessage).toContain("no such role");
  });

  test("many attempts of a function that cannot start all end", async () => {
    const spec = python("import missing_module");
    const ends = await Promise.all(Array.from({ length: 12 }, () => bench.run(spec)));
    expect(ends.map(({ error }) => error?.errorType)).toEqual(Array(12).fill("Runtime.ImportModuleError"));
  });
});

describe("environments", () => {
  const PID = "import os\ndef handler(event, context):\n  return os.getpid()";
  /** Returns once the named file is there, which the test creates by another call. */
  const MEET = `import os, time
def handler(event, context):
  open(event['mine'], 'w').close()
  while not os.path.exists(event['other']): time.sleep(0.001)
  return os.getpid()`;

  test("a warm one is used again, and only the first attempt has an init time", async () => {
    const spec = python(PID);
    const first = await bench.run(spec);
    const second = await bench.run(spec);
    expect(second.value).toBe(first.value);
    expect([first.initMs !== undefined, second.initMs]).toEqual([true, undefined]);
    expect(first.lines.at(-1)).toContain("Init Duration: ");
    expect(second.lines.at(-1)).not.toContain("Init Duration: ");
  });

  test("two attempts at the same time run in two", async () => {
    const spec = python(MEET);
    const [a, b] = [join(bench.folder, "a"), join(bench.folder, "b")];
    const [one, two] = await Promise.all([
      bench.run(spec, { mine: a, other: b }),
      bench.run(spec, { mine: b, other: a }),
    ]);
    expect(typeof one.value).toBe("number");
    expect(one.value).not.toBe(two.value);
  });

  test("a call that comes while the one before is returning waits for its environment, and no other starts", async () => {
    let processes = 0;
    const credentialsFor = () => {
      processes++;
      return { accessKeyId: "A", secretAccessKey: "s", sessionToken: "t", expiresAt: Date.now() + 3_600_000 };
    };
    const patient = openWorkbench({ limits: { holdBackMs: 1_000_000 }, credentialsFor });
    const spec = patient.write({ "app.py": PID }, { runtime: "python3.11", handler: "app.handler" });
    const { value } = await patient.run(spec);
    const ends = await Promise.all([patient.run(spec), patient.run(spec), patient.run(spec)]);
    await patient.close();
    expect(processes).toBe(1);
    expect(ends.map((end) => end.value)).toEqual([value, value, value]);
  });

  test("no more run at once than the limit; the rest wait and are served", async () => {
    const narrow = openWorkbench({ limits: { environmentsMax: 1 } });
    const files = { "app.py": PID };
    const [f, g] = [1, 2].map(() => narrow.write(files, { runtime: "python3.11", handler: "app.handler" }));
    if (!f || !g) throw new Error("two functions");
    const ends = await Promise.all([narrow.run(f), narrow.run(g), narrow.run(f), narrow.run(g)]);
    await narrow.close();
    expect(ends.map(({ outcome }) => outcome)).toEqual(Array(4).fill("returned"));
  });

  test("one more waiting attempt than the limit is refused as Lambda refuses it", async () => {
    const narrow = openWorkbench({ limits: { environmentsPerFunctionMax: 1, waitingMax: 1 } });
    const spec = narrow.write({ "app.py": PID }, { runtime: "python3.11", handler: "app.handler" });
    const first = narrow.run(spec);
    await expect(narrow.run(spec)).rejects.toMatchObject({ code: "TooManyRequestsException", status: 429 });
    expect((await first).outcome).toBe("returned");
    await narrow.close();
  });

  test("a prestarted one takes the first attempt", async () => {
    const started = fifo("prestart");
    const spec = python(`pipe = open('${started.path}', 'w')\nprint('x', file=pipe, flush=True)\n${PID}`);
    bench.host.prestart(spec);
    await started.open;
    bench.host.prestart(spec);
    expect((await bench.run(spec)).outcome).toBe("returned");
    await bench.host.stop();
    expect(await started.closed).toBe("x\n");
  });

  test("retire ends those of other revisions and keeps the one named", async () => {
    const old = python(PID, { name: "changed", revisionId: "1" });
    const fresh = python(PID, { name: "changed", revisionId: "2" });
    const [oldPid, freshPid] = [(await bench.run(old)).value, (await bench.run(fresh)).value];
    await bench.host.retire(old.arn, "2");
    expect(() => process.kill(Number(oldPid), 0)).toThrow("ESRCH");
    expect((await bench.run(fresh)).value).toBe(freshPid);
  });

  test("retire lets a running attempt come to its end", async () => {
    const [mine, other] = [join(bench.folder, "mine"), join(bench.folder, "other")];
    const spec = python(MEET);
    const running = bench.run(spec, { mine, other });
    await bench.host.retire(spec.arn);
    const other2 = bench.run(spec, { mine: other, other: mine });
    expect((await running).outcome).toBe("returned");
    expect((await other2).outcome).toBe("returned");
  });

  test("one whose credentials are about to end is replaced", async () => {
    const nearlyOver = () => ({ accessKeyId: "A", secretAccessKey: "s", sessionToken: "t", expiresAt: 1_000_000 });
    const brief = openWorkbench({ credentialsFor: nearlyOver, now: () => 999_000 });
    const spec = brief.write({ "app.py": PID }, { runtime: "python3.11", handler: "app.handler" });
    const pids = [(await brief.run(spec)).value, (await brief.run(spec)).value];
    await brief.close();
    expect(pids[0]).not.toBe(pids[1]);
  });

  test("an idle one ends after its time", async () => {
    const brief = openWorkbench({ limits: { idleMsMax: 1 } });
    const alive = fifo("idle");
    const code = `pipe = open('${alive.path}', 'w')\nprint('x', file=pipe, flush=True)\n${PID}`;
    await brief.run(brief.write({ "app.py": code }, { runtime: "python3.11", handler: "app.handler" }));
    expect(await alive.closed).toBe("x\n");
    await brief.close();
  });

  test("stop ends a busy one and what it started, and its attempt has no end", async () => {
    const alive = fifo("stop");
    const spec = python(`import subprocess
pipe = open('${alive.path}', 'w')
def handler(event, context):
  child = subprocess.Popen(['sleep', '1000'], pass_fds=[pipe.fileno()])
  print('both', file=pipe, flush=True)
  child.wait()`);
    const attempt = bench.run(spec);
    await alive.open;
    const stopped = bench.host.stop();
    await expect(attempt).rejects.toThrow("The server is stopping");
    await stopped;
    expect(await alive.closed).toBe("both\n");
    await expect(bench.run(spec)).rejects.toThrow("The server is stopping");
  });

  test("an idle one that dies is replaced", async () => {
    const spec = python(`import os, threading, time
def handler(event, context):
  if event.get('die'): threading.Thread(target=lambda: (time.sleep(0.01), os._exit(1))).start()
  return os.getpid()`);
    const alive = (await bench.run(spec)).value;
    await bench.run(spec, { die: true });
    while (existsSync(`/proc/${alive}`)) await nextTurn();
    const next = await bench.run(spec);
    expect(next.outcome).toBe("returned");
    expect(next.value).not.toBe(alive);
  });

  test("homes of ended functions go with them", async () => {
    const home = (await bench.run(python("import os\ndef handler(event, context):\n  return os.environ['HOME']")))
      .value;
    expect(readdirSync(String(home))).toEqual([]);
    await bench.host.stop();
    while (existsSync(String(home))) await nextTurn();
  });
});

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

describe("a runtime that brings its own loop", () => {
  const provided = (text: string) => bench.write({ bootstrap: text }, { runtime: "provided.al2023" }, 0o755);
  const API = "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime";

  test("a shell with curl gets events and answers them", async () => {
    const spec = provided(`#!/bin/sh
while true; do
  event=$(curl -sS -D "$HOME/head" ${API}/invocation/next)
  id=$(grep -i '^lambda-runtime-aws-request-id' "$HOME/head" | tr -d '\\r' | cut -d' ' -f2)
  echo "got $event"
  curl -sS -o /dev/null -d "{\\"echo\\":$event,\\"pid\\":$$}" ${API}/invocation/$id/response
done
`);
    const first = await bench.run(spec, { n: 1 });
    const second = await bench.run(spec, { n: 2 });
    expect(first).toMatchObject({ outcome: "returned", value: { echo: { n: 1 } } });
    expect(first.lines).toContain('got {"n":1}');
    expect(second.value).toEqual({ echo: { n: 2 }, pid: Object(first.value).pid });
  });

  test("what is out of turn is refused, in words", async () => {
    const spec = provided(`#!/usr/bin/env python3
import http.client, json, os
def call(method, path, body=None, headers={}):
  c = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
  c.request(method, '/2018-06-01/runtime/' + path, body, headers)
  r = c.getresponse()
  return r, json.loads(r.read() or 'null')
while True:
  r, event = call('GET', 'invocation/next')
  rid = r.getheader('Lambda-Runtime-Aws-Request-Id')
  seen = [call('GET', 'invocation/next'), call('POST', 'invocation/of-another/response', '1'), call('POST', 'init/error', '{}'), call('GET', 'nothing')]
  call('POST', 'invocation/%s/response' % rid, json.dumps([[r.status, b['errorType']] for r, b in seen] + [r.getheader('Lambda-Runtime-Invoked-Function-Arn')]))
  print('again', call('POST', 'invocation/%s/response' % rid, '2')[0].status, flush=True)
`);
    const first = await bench.run(spec);
    expect(first.value).toEqual([
      [403, "InvalidStateTransition"],
      [400, "InvalidRequestID"],
      [403, "InvalidStateTransition"],
      [404, "InvalidRequest"],
      spec.arn,
    ]);
    const second = await bench.run(spec);
    expect(second.lines).toContain("again 400");
  });

  test("an error needs no body that can be read", async () => {
    const spec = provided(`#!/bin/sh
curl -sS -D "$HOME/head" -o /dev/null ${API}/invocation/next
id=$(grep -i '^lambda-runtime-aws-request-id' "$HOME/head" | tr -d '\\r' | cut -d' ' -f2)
curl -sS -o /dev/null -H 'Lambda-Runtime-Function-Error-Type: My.Error' -d 'not json' ${API}/invocation/$id/error
`);
    const end = await bench.run(spec);
    expect(end).toMatchObject({
      outcome: "raised",
      value: { errorType: "My.Error" },
      error: { errorType: "My.Error" },
    });
  });

  test("an error while starting ends the attempt at once", async () => {
    const body = JSON.stringify({ errorType: "My.Init", errorMessage: "no table" });
    const end = await bench.run(provided(`#!/bin/sh\ncurl -sS -d '${body}' ${API}/init/error\nsleep 1000\n`));
    expect(end).toMatchObject({ outcome: "couldNotStart", error: { errorType: "My.Init", errorMessage: "no table" } });
  });

  test("each has an address of its own, which closes with it", async () => {
    const spec = provided(`#!/bin/sh
curl -sS -D "$HOME/head" -o /dev/null ${API}/invocation/next
id=$(grep -i '^lambda-runtime-aws-request-id' "$HOME/head" | tr -d '\\r' | cut -d' ' -f2)
curl -sS -o /dev/null -d "\\"$AWS_LAMBDA_RUNTIME_API\\"" ${API}/invocation/$id/response
sleep 1000
`);
    const ends = await Promise.all([bench.run(spec), bench.run(spec)]);
    const [one, two] = ends.map(({ value }) => String(value));
    expect(one).not.toBe(two);
    await bench.host.stop();
    const [host, port] = String(one).split(":");
    const refused = await new Promise((resolve) => connect(Number(port), String(host)).on("error", resolve));
    expect(refused).toMatchObject({ code: "ECONNREFUSED" });
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
    const alive = fifo("orphan");
    const { spec, code } = busy[kind];
    const { spawn } = await import("node:child_process");
    const function_ = JSON.stringify({ files: code(alive.path), spec, mode: 0o755 });
    const server = spawn(process.execPath, ["--input-type=module", "-e", SERVER, "--", function_], {
      stdio: "inherit",
    });
    await alive.open;
    server.kill("SIGKILL");
    expect(await alive.closed).toBe("busy\n");
  });
});

test("secrets of a function stand in none of its lines or errors unless it writes them", async () => {
  const end = await bench.run(node("throw new Error('at start')"));
  expect(JSON.stringify([end.lines, end.value])).not.toMatch(/secret-of|token-of/);
  expect(readFileSync(join(import.meta.dirname, "environment.ts"), "utf8")).not.toContain("secretAccessKey");
});
