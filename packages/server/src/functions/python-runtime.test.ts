import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
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

describe("python", () => {
  const python = (files: Readonly<Record<string, string>>, spec = {}) =>
    bench.write(files, { runtime: "python3.11", handler: "app.handler", ...spec });

  test.each([
    ["app.handler", "", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"],
    ["app", "", "Runtime.MalformedHandlerName", "Bad handler 'app': not enough values to unpack (expected 2, got 1)"],
    ["gone.handler", "", "Runtime.ImportModuleError", "Unable to import module 'gone': No module named 'gone'"],
    [
      "app.handler",
      "import not_there",
      "Runtime.ImportModuleError",
      "Unable to import module 'app': No module named 'not_there'",
    ],
    ["sys.exit", "", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as a handler module"],
    ["app.handler", "1 / 0", "ZeroDivisionError", "division by zero"],
  ])("%s in %o cannot start: %s", async (handler, code, errorType, errorMessage) => {
    const end = await bench.run(python({ "app.py": code }, { handler }));
    expect(end).toMatchObject({ outcome: "couldNotStart", error: { errorType, errorMessage } });
    expect(end.lines).toContain(`START RequestId: ${end.requestId} Version: $LATEST`);
    expect(end.lines).toContain(`[ERROR] ${errorType}: ${errorMessage}`);
    expect(end.lines.at(-1)).toContain(`Status: error\tError Type: ${errorType}`);
  });

  test("a syntax error names file and line", async () => {
    const end = await bench.run(python({ "app.py": "def handler(event, context):\n  return (" }));
    expect(end.outcome).toBe("couldNotStart");
    expect(end.error?.errorType).toBe("Runtime.UserCodeSyntaxError");
    expect(end.error?.errorMessage).toMatch(/^Syntax error in module 'app': .*\(app\.py, line 2\)$/);
  });

  test("a missing boto3 is told with the Python that lacks it, and the remedy", async () => {
    const end = await bench.run(
      python({
        "app.py": "import boto3_, boto3",
        "boto3_.py": "import sys; sys.path[:] = [p for p in sys.path if 'packages' not in p]",
      }),
    );
    expect(end.error?.errorMessage).toMatch(
      /^Unable to import module 'app': No module named 'boto3'\. Lambda's Python brings boto3 along.*python.* -m pip install boto3.*PENSTOCK_PYTHON/,
    );
  });

  test("modules in folders, by slash and by dot", async () => {
    const files = { "lib/inner/app.py": "def handler(event, context):\n  return __name__" };
    const ends = [
      await bench.run(python(files, { handler: "lib/inner/app.handler" })),
      await bench.run(python(files, { handler: "lib.inner.app.handler" })),
    ];
    expect(ends.map(({ value }) => value)).toEqual(["lib.inner.app", "lib.inner.app"]);
  });

  test("the context has Lambda's attributes", async () => {
    const code = `def handler(event, context):
  left = context.get_remaining_time_in_millis()
  names = 'aws_request_id log_group_name log_stream_name function_name memory_limit_in_mb function_version invoked_function_arn client_context tenant_id'
  seen = {name: getattr(context, name) for name in names.split()}
  return dict(seen, cognito=context.identity.cognito_identity_id, left=isinstance(left, int) and 0 < left <= 20000)`;
    const spec = python({ "app.py": code }, { name: "contextual" });
    const end = await bench.run(spec);
    expect(end.value).toEqual({
      aws_request_id: end.requestId,
      log_group_name: "/aws/lambda/contextual",
      log_stream_name: expect.stringContaining("[$LATEST]"),
      function_name: "contextual",
      memory_limit_in_mb: "256",
      function_version: "$LATEST",
      invoked_function_arn: spec.arn,
      client_context: null,
      tenant_id: null,
      cognito: null,
      left: true,
    });
  });

  test.each([
    ["object()", "Unable to marshal response: Object of type object is not JSON serializable"],
    ["float('nan')", "Unable to marshal response: Out of range float values are not JSON compliant"],
  ])("%s is no answer", async (value, errorMessage) => {
    const end = await bench.run(python({ "app.py": `def handler(event, context):\n  return ${value}` }));
    expect(end.outcome).toBe("raised");
    expect(end.error?.errorType).toBe("Runtime.MarshalError");
    expect(end.error?.errorMessage).toContain(errorMessage.slice(0, 40));
  });

  test("decimals and half a surrogate pair are answers", async () => {
    const code = "from decimal import Decimal\ndef handler(e, c):\n  return [Decimal('1.5'), Decimal('7'), '\\ud800']";
    expect((await bench.run(python({ "app.py": code }))).value).toEqual([1.5, 7, "\ud800"]);
  });

  test("the logging module writes Lambda's lines, with the request's id", async () => {
    const code = `import logging
logging.getLogger().setLevel('INFO')
def handler(event, context):
  logging.getLogger('part').info('hello %s', 'you')
  logging.debug('not told')`;
    const end = await bench.run(python({ "app.py": code }));
    expect(end.lines[1]).toMatch(
      new RegExp(`^\\[INFO\\]\\t\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\\t${end.requestId}\\thello you$`),
    );
    expect(end.lines.join()).not.toContain("not told");
  });

  test("a handler that breaks its own output still answers", async () => {
    const code = "import sys\ndef handler(event, context):\n  sys.stdout = None\n  return 'fine'";
    const spec = python({ "app.py": code });
    expect((await bench.run(spec)).value).toBe("fine");
    expect((await bench.run(spec)).value).toBe("fine");
  });

  const OTHERS = ["3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"];
  test("the runtime works in every Python of this machine", async () => {
    const code = `import logging, sys
def handler(event, context):
  print('ü')
  logging.error('logged')
  if event.get('fail'): raise ValueError('ß')
  return '%d.%d' % sys.version_info[:2]`;
    const roots = (process.env["PATH"] ?? "").split(":").flatMap((root) => {
      const versions = join(dirname(root), "versions");
      return root.endsWith("/shims") && existsSync(versions)
        ? readdirSync(versions).map((v) => join(versions, v, "bin"))
        : [root];
    });
    const found = OTHERS.flatMap(
      (version) => roots.map((root) => join(root, `python${version}`)).find((file) => existsSync(file)) ?? [],
    );
    for (const file of found.filter(isRunnable)) {
      const one = openWorkbench({
        interpreters: createInterpreters({ path: process.env["PATH"] ?? "", python: file }),
      });
      const spec = one.write({ "app.py": code }, { runtime: "python3.11", handler: "app.handler" });
      const [fine, failed] = [await one.run(spec), await one.run(spec, { fail: true })];
      await one.close();
      expect([file, fine.value, fine.lines[1]]).toEqual([file, expect.stringMatching(/^3\./), "ü"]);
      expect(fine.lines[2]).toMatch(/^\[ERROR\]\t.*\tlogged$/);
      expect(failed).toMatchObject({ outcome: "raised", error: { errorType: "ValueError", errorMessage: "ß" } });
    }
  });
});

/** A shim of a version manager may be there without the Python that it stands for. */
function isRunnable(file: string): boolean {
  try {
    execFileSync(file, ["-c", "pass"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test("runtimes are found in a folder that is named, as in the bundled program", async () => {
  const assetsDir = join(bench.folder, "dist");
  mkdirSync(assetsDir);
  symlinkSync(join(import.meta.dirname, "runtimes"), join(assetsDir, "runtimes"));
  const bundled = openWorkbench({ assetsDir });
  const spec = bundled.write(
    { "index.py": "import os\ndef handler(e, c):\n  return os.environ['LAMBDA_RUNTIME_DIR']" },
    { runtime: "python3.11" },
  );
  expect((await bundled.run(spec)).value).toBe(join(assetsDir, "runtimes/python"));
  await bundled.close();
});
