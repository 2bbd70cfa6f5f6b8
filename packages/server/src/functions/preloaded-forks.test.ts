import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FunctionSpec } from "./host.ts";
import { type Attempt, openFifo, openForkingWorkbench, type Workbench } from "./testing/workbench.ts";

/*
 * Functions whose process is forked from one that has imported boto3. What every process of a function must do is
 * tested elsewhere; here is what could be different in one that was forked.
 */

let bench: Workbench;
beforeEach(() => {
  bench = openForkingWorkbench();
});
afterEach(async () => {
  await bench.close();
});

const python = (code: string, spec: Partial<FunctionSpec> = {}, files = {}) =>
  bench.write({ "app.py": code, ...files }, { runtime: "python3.11", handler: "app.handler", ...spec });

const WHO = "import os\ndef handler(event, context):\n  return [os.getpid(), os.getppid()]";

/** Models of two services take at least so much. Unit: mebibytes. */
const KEPT_MB_MIN = 8;

/** Most functions that are run until one is forked. */
const TRIES_COUNT_MAX = 500;

/** Runs functions that say who they are until one was forked; answers the process that it was forked from. */
async function parentOnceReady(): Promise<number> {
  for (let count = 0; count < TRIES_COUNT_MAX; count++) {
    const [, parent] = Object((await bench.run(python(WHO))).value);
    if (parent !== process.pid) return parent;
  }
  throw new Error("no function's process was forked");
}

/** Runs a function in a new process once one can be forked, and answers whether it was. */
async function isForked(spec: FunctionSpec): Promise<boolean> {
  const parent = await parentOnceReady();
  const end = await bench.run({ ...spec, revisionId: randomUUID() });
  expect(end.outcome).toBe("returned");
  return Object(end.value)[1] === parent;
}

/** As often as it takes: a spare may be on its way. */
async function runForked(code: string, spec: Partial<FunctionSpec>): Promise<Attempt> {
  const parent = await parentOnceReady();
  for (let count = 0; count < TRIES_COUNT_MAX; count++) {
    const end = await bench.run(python(`print(__import__('os').getppid())\n${code}`, spec));
    if (end.lines[0] === String(parent)) return end;
  }
  throw new Error("the function's process was not forked");
}

describe("a forked process", () => {
  test("has boto3 already, and else what one of its own would have", async () => {
    const end = await runForked(
      `import sys
had = 'boto3' in sys.modules
import os
def handler(event, context):
  main = sys.modules['__main__'].__file__
  return [had, os.getpgrp() == os.getpid(), os.getcwd(), sys.path[0], sys.argv, os.path.basename(main), dict(os.environ)]`,
      { environment: { OWN: "1" } },
    );
    const [had, isHead, cwd, first, argv, main, environment] = Object(end.value);
    expect([had, isHead, argv, main]).toEqual([true, true, ["bootstrap.py"], "bootstrap.py"]);
    expect(environment).toMatchObject({
      OWN: "1",
      AWS_SESSION_TOKEN: "token-of-the-function",
    });
    expect([cwd, first]).toEqual([environment.LAMBDA_TASK_ROOT, environment.LAMBDA_TASK_ROOT]);
    expect(environment.HOME).toMatch(/penstock-function-/);
  });

  test("shares nothing that it changes: neither environment, nor random numbers, nor what boto3 reads", async () => {
    await parentOnceReady();
    const code = `import os, random, boto3
from botocore.loaders import Loader
seen = os.environ.get('MINE')
os.environ['MINE'] = boto3.mine = 'changed'
def model(): return Loader().load_service_model('codepipeline', 'service-2')
def handler(event, context):
  first, second = model(), model()
  first['metadata'] = None
  return [seen, random.random(), second['metadata']['serviceId'], os.getpid()]`;
    const [one, two] = [Object((await bench.run(python(code))).value), Object((await bench.run(python(code))).value)];
    expect([one[0], two[0]]).toEqual([null, null]);
    expect(one[1]).not.toBe(two[1]);
    expect([one[2], two[2]]).toEqual(["CodePipeline", "CodePipeline"]);
    expect(one[3]).not.toBe(two[3]);
  });

  test.each([
    ["raise SystemExit(3)", "Runtime exited with error: exit status 3"],
    ["os._exit(0)", "Runtime exited without providing a reason"],
    ["os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"],
    ["os.kill(os.getpid(), 15)", "Runtime exited with error: signal: terminated"],
  ])("that ends by %s is told as any other", async (statement, text) => {
    await parentOnceReady();
    const end = await bench.run(python(`import os\ndef handler(event, context):\n  print('last')\n  ${statement}`));
    expect(end).toMatchObject({ outcome: "crashed", error: { errorType: "Runtime.ExitError" } });
    expect(end.error?.errorMessage).toContain(text);
    expect(end.lines[1]).toBe("last");
  });

  test("that takes too long is killed with what it started", async () => {
    await parentOnceReady();
    const pipe = openFifo(bench.folder, "grandchild");
    const code = `import subprocess, time
def handler(event, context):
  subprocess.Popen(['sh', '-c', 'exec 9>${pipe.path}; echo there >&9; sleep 1000'])
  time.sleep(1000)`;
    const end = await bench.run(python(code, { timeoutSeconds: 1 }));
    expect(end.outcome).toBe("timedOut");
    expect(await pipe.closed).toBe("there\n");
  });

  test("that holds more memory than the function has is killed", async () => {
    await parentOnceReady();
    const code = "import time\ndef handler(event, context):\n  held = b'x' * 300_000_000\n  time.sleep(1000)";
    const end = await bench.run(python(code, { memoryMb: 128 }));
    expect(end.error?.errorMessage).toContain("signal: killed");
  });

  test("is not charged with what its parent keeps for others", async () => {
    const code = "def handler(event, context):\n  return 1";
    const plain = await bench.run(python(`import boto3\n${code}`, { environment: { TZ: "CET" } }));
    const forked = await runForked(`import boto3\n${code}`, {});
    expect(forked.maxMemoryMb ?? 0).toBeLessThan((plain.maxMemoryMb ?? 0) + KEPT_MB_MIN);
  });
});

describe("a process of its own is started", () => {
  const own = "def handler(event, context):\n  import os\n  return [os.getpid(), os.getppid()]";

  test.each([
    ["that brings a boto3", { "boto3/__init__.py": "" }],
    ["that brings a package of boto3's", { "urllib3/__init__.py": "" }],
    ["that hides a module of Python's", { "decimal.py": "" }],
  ])("for code %s", async (_, files) => {
    expect(await isForked(python(own, {}, files))).toBe(false);
  });

  test.each(["PYTHONOPTIMIZE", "PYTHONPATH", "BOTO_DISABLE_CRT", "LD_LIBRARY_PATH", "TZ"])(
    "for a function that sets %s",
    async (name) => {
      expect(await isForked(python(own, { environment: { [name]: "1" } }))).toBe(false);
    },
  );

  test("and not for one that differs in nothing", async () => {
    const spec = python(own, { environment: { ANY: "1" } }, { "helpers.py": "" });
    let forked = false;
    for (let count = 0; !forked && count < TRIES_COUNT_MAX; count++) forked = await isForked(spec);
    expect(forked).toBe(true);
  });
});

describe("the process that is forked", () => {
  test("is gone, with its spares, when the host has stopped", async () => {
    const parent = await parentOnceReady();
    const all = [parent, ...childrenOf(parent)];
    await bench.host.stop();
    await allGone(all);
  });

  test("ends its children with it, and functions go on without it", async () => {
    const parent = await parentOnceReady();
    const pipe = openFifo(bench.folder, "child");
    const code = `import time\npipe = open('${pipe.path}', 'w')\ndef handler(event, context):\n  print('busy', file=pipe, flush=True)\n  time.sleep(1000)`;
    const running = bench.run(python(code));
    await pipe.open;
    process.kill(parent, "SIGKILL");
    expect(await running).toMatchObject({ outcome: "crashed" });
    expect(await pipe.closed).toBe("busy\n");
    const after: Attempt = await bench.run(python(WHO));
    expect(Object(after.value)[1]).toBe(process.pid);
  });

  test("ends with a server that was killed, and so do spares and functions", async () => {
    const program = `
      import { openForkingWorkbench } from ${JSON.stringify(new URL("./testing/workbench.ts", import.meta.url).href)};
      const bench = openForkingWorkbench();
      const write = (code) => bench.write({ "app.py": code }, { runtime: "python3.11", handler: "app.handler" });
      let parent = process.pid;
      while (parent === process.pid) parent = (await bench.run(write(${JSON.stringify(WHO)}))).value[1];
      void bench.run(write("import os\\ndef handler(e, c):\\n  os.write(1, b'' )\\n  while True: pass"));
      console.log(parent);
    `;
    const server = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const parent = await new Promise<number>((resolve) => {
      createInterface({ input: server.stdout }).once("line", (line) => resolve(Number(line)));
    });
    const all = [parent, ...childrenOf(parent)];
    expect(all.length).toBeGreaterThan(1);
    server.kill("SIGKILL");
    await allGone(all);
  });
});

/** Source: proc(5), `children`. Where the system has none, only the parent is followed. */
function childrenOf(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, "utf8").trim().split(" ").filter(Boolean).map(Number) : [];
}

const LOOKS_COUNT_MAX = 500;
/** Unit: milliseconds. */
const LOOK_MS = 20;

async function allGone(pids: readonly number[]): Promise<void> {
  for (let count = 0; count < LOOKS_COUNT_MAX && pids.some(isRunning); count++) await wait(LOOK_MS);
  expect(pids.filter(isRunning)).toEqual([]);
}

/** One that ended, and that nobody has waited for yet, does not count. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/status`;
  return !existsSync(status) || !/^State:\s+Z/m.test(readFileSync(status, "utf8"));
}
