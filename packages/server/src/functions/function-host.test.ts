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

test("secrets of a function stand in none of its lines or errors unless it writes them", async () => {
  const end = await bench.run(node("throw new Error('at start')"));
  expect(JSON.stringify([end.lines, end.value])).not.toMatch(/secret-of|token-of/);
});
