import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
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

  const botocore = (version: string) => ({
    "botocore/__init__.py": `__version__ = '${version}'`,
    "botocore/session.py": `class Session:
  def create_client(self, service_name, region_name=None, api_version=None, use_ssl=True, verify=None, endpoint_url=None, aws_access_key_id=None):
    return endpoint_url`,
    "app.py": `import botocore.session
def handler(event, context):
  make = botocore.session.Session().create_client
  return [make('s3'), make('s3', endpoint_url='http://own'), make('s3', None, None, True, None, 'http://sixth', 'key'), make('code-build')]`,
  });

  test("an old botocore is sent to AWS_ENDPOINT_URL, unless the code names an endpoint", async () => {
    const environment = { AWS_ENDPOINT_URL_CODE_BUILD: "http://special" };
    const end = await bench.run(python(botocore("1.29.27"), { environment }));
    expect(end.value).toEqual(["http://127.0.0.1:4566", "http://own", "http://sixth", "http://special"]);
  });

  test("an old botocore is left alone when configured endpoints are to be ignored", async () => {
    const environment = { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
    const end = await bench.run(python(botocore("1.29.27"), { environment }));
    expect(end.value).toEqual([null, "http://own", "http://sixth", null]);
  });

  test("a botocore that knows AWS_ENDPOINT_URL is left alone", async () => {
    const end = await bench.run(python(botocore("1.31.0")));
    expect(end.value).toEqual([null, "http://own", "http://sixth", null]);
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

describe("node", () => {
  const node = (files: Readonly<Record<string, string>>, spec = {}) => bench.write(files, spec);

  test.each([
    ["an ES module", { "index.mjs": "export const handler = async (e) => e.n + 1" }, "index.handler"],
    ["CommonJS", { "index.cjs": "exports.handler = async (e) => e.n + 1" }, "index.handler"],
    ["CommonJS in .js", { "index.js": "exports.handler = async (e) => e.n + 1" }, "index.handler"],
    [
      "an ES module in .js",
      { "index.js": "export const handler = async (e) => e.n + 1", "package.json": '{"type":"module"}' },
      "index.handler",
    ],
    [
      "TypeScript",
      { "index.ts": "export const handler = async (e: { n: number }): Promise<number> => e.n + 1" },
      "index.handler",
    ],
    [
      "TypeScript with await at the top",
      { "index.mts": "const one: number = await 1; export const handler = async (e: any) => e.n + one" },
      "index.handler",
    ],
    [
      "await at the top of .js",
      {
        "index.js": "const one = await Promise.resolve(1); export const handler = async (e) => e.n + one",
        "package.json": '{"type":"module"}',
      },
      "index.handler",
    ],
    ["a module in a folder", { "src/deep/main.js": "exports.handler = async (e) => e.n + 1" }, "src/deep/main.handler"],
    ["a nested export", { "index.js": "exports.a = { b: { go: async (e) => e.n + 1 } }" }, "index.a.b.go"],
    [
      "a handler that is not async",
      { "index.js": "exports.handler = (e, c, done) => done(null, e.n + 1)" },
      "index.handler",
    ],
    [
      "a late callback",
      { "index.js": "exports.handler = (e, c, done) => { setTimeout(() => done(null, e.n + 1), 5) }" },
      "index.handler",
    ],
    ["context.succeed", { "index.js": "exports.handler = (e, c) => c.succeed(e.n + 1)" }, "index.handler"],
    ["a thenable", { "index.js": "exports.handler = (e) => ({ then: (ok) => ok(e.n + 1) })" }, "index.handler"],
    [
      "a module whose import is TypeScript",
      {
        "index.ts": "import { add } from './add.ts'; export const handler = async (e: { n: number }) => add(e.n)",
        "add.ts": "export const add = (n: number) => n + 1",
      },
      "index.handler",
    ],
  ])("%s answers, twice", async (_kind, files, handler) => {
    const spec = node(files, { handler });
    expect((await bench.run(spec, { n: 1 })).value).toBe(2);
    expect((await bench.run(spec, { n: 2 })).value).toBe(3);
  });

  test("a callback waits for the event loop to run empty, unless the context says otherwise", async () => {
    const code = `let late = 'not yet';
exports.peek = async () => late;
exports.handler = (event, context, done) => {
  if (event.peek) { context.callbackWaitsForEmptyEventLoop = false; return done(null, late); }
  if (event.hasty) context.callbackWaitsForEmptyEventLoop = false;
  const before = late;
  setTimeout(() => { late = 'came' }, event.hasty ? 1e6 : 20);
  done(null, before);
}`;
    const patient = node({ "index.js": code });
    await bench.run(patient);
    expect((await bench.run(patient, { peek: true })).value).toBe("came");
    const hasty = node({ "index.js": code });
    expect((await bench.run(hasty, { hasty: true })).value).toBe("not yet");
  });

  test("a handler that never calls back has returned null; a promise that nothing can settle has failed", async () => {
    const silent = await bench.run(node({ "index.js": "exports.handler = () => {}" }));
    const stuck = await bench.run(node({ "index.js": "exports.handler = () => new Promise(() => {})" }));
    expect(silent).toMatchObject({ outcome: "returned", value: null });
    expect(stuck).toMatchObject({ outcome: "raised", error: { errorType: "Runtime.NodeJsExit" } });
  });

  test.each([
    ["index.handler", { "index.js": "" }, "Runtime.HandlerNotFound", "index.handler is undefined or not exported"],
    [
      "index.handler",
      { "index.js": "exports.handler = 7" },
      "Runtime.HandlerNotFound",
      "index.handler is not a function",
    ],
    ["index", { "index.js": "" }, "Runtime.MalformedHandlerName", "Bad handler"],
    ["../index.handler", {}, "Runtime.MalformedHandlerName", "'../index.handler' is not a valid handler name"],
    ["gone.handler", {}, "Runtime.ImportModuleError", "Error: Cannot find module 'gone'"],
    [
      "index.handler",
      { "index.js": "require('./gone')" },
      "Runtime.ImportModuleError",
      "Error: Cannot find module './gone'",
    ],
    ["index.handler", { "index.mjs": "import './gone.mjs'" }, "Runtime.ImportModuleError", "Cannot find module"],
    [
      "index.handler",
      { "index.js": "exports.handler = (" },
      "Runtime.UserCodeSyntaxError",
      "SyntaxError: Unexpected end of input",
    ],
    [
      "index.handler",
      { "index.ts": "enum A { B }" },
      "Runtime.UserCodeSyntaxError",
      "TypeScript enum is not supported",
    ],
    ["index.handler", { "index.js": "throw new RangeError('at start')" }, "RangeError", "at start"],
    [
      "index.handler",
      { "index.mjs": "await new Promise(() => {})" },
      "Runtime.ImportModuleError",
      "never finished loading",
    ],
    [
      "index.handler",
      {
        "index.js":
          "Promise.reject(new Error('early')); exports.handler = async () => new Promise((r) => setTimeout(r, 1e4))",
      },
      "Runtime.UnhandledPromiseRejection",
      "Error: early",
    ],
  ])("%s in %o fails: %s", async (handler, files, errorType, errorMessage) => {
    const end = await bench.run(node(files, { handler }));
    expect(["couldNotStart", "raised"]).toContain(end.outcome);
    expect(end.error?.errorType).toBe(errorType);
    expect(end.error?.errorMessage).toContain(errorMessage);
    expect(end.lines.join("\n")).toMatch(/\tERROR\t(Uncaught Exception|Unhandled Promise Rejection) \t\{/);
  });

  test("what nobody caught is reported, and the process goes", async () => {
    const code = `exports.handler = (event) => new Promise((settle) => {
  if (!event.how) return settle(process.pid);
  if (event.how === 'reject') Promise.reject(new TypeError('lost'));
  else setImmediate(() => { throw new TypeError('thrown late') });
})`;
    const spec = node({ "index.js": code });
    const rejected = await bench.run(spec, { how: "reject" });
    const thrown = await bench.run(spec, { how: "throw" });
    expect(rejected).toMatchObject({
      outcome: "raised",
      error: { errorType: "Runtime.UnhandledPromiseRejection", errorMessage: "TypeError: lost" },
    });
    expect(thrown).toMatchObject({ outcome: "raised", error: { errorType: "TypeError", errorMessage: "thrown late" } });
    expect((await bench.run(spec)).outcome).toBe("returned");
  });

  test.each([
    ["new TypeError('t')", "TypeError", "t"],
    ["'just text'", "string", "just text"],
    ["undefined", "undefined", "undefined"],
    ["Object.create(null)", "handled", "An error was reported that cannot be read."],
  ])("a handler may throw %s", async (thrown, errorType, errorMessage) => {
    const spec = node({ "index.js": `exports.handler = async () => { throw ${thrown} }` });
    expect((await bench.run(spec)).error).toMatchObject({ errorType, errorMessage });
  });

  test("a value that JSON cannot hold is an error", async () => {
    const end = await bench.run(node({ "index.js": "exports.handler = async () => 1n" }));
    expect(end).toMatchObject({ outcome: "raised", error: { errorType: "TypeError" } });
  });

  test("the console has Lambda's prefix and levels", async () => {
    const code = "exports.handler = async () => { console.log('a %d', 1); console.warn({ b: 2 }); console.debug('c') }";
    const end = await bench.run(node({ "index.js": code }, { environment: { AWS_LAMBDA_LOG_LEVEL: "INFO" } }));
    const told = end.lines.slice(1, -2).map((line) => line.split("\t").slice(1));
    expect(told).toEqual([
      [end.requestId, "INFO", "a 1"],
      [end.requestId, "WARN", "{ b: 2 }"],
    ]);
  });

  test("the context has Lambda's attributes", async () => {
    const code = `exports.handler = async (event, context) => ({ ...context, left: context.getRemainingTimeInMillis() > 0 })`;
    const spec = node({ "index.js": code }, { name: "contextual" });
    const end = await bench.run(spec);
    expect(end.value).toEqual({
      awsRequestId: end.requestId,
      callbackWaitsForEmptyEventLoop: true,
      functionName: "contextual",
      functionVersion: "$LATEST",
      invokedFunctionArn: spec.arn,
      left: true,
      logGroupName: "/aws/lambda/contextual",
      logStreamName: expect.stringContaining("[$LATEST]"),
      memoryLimitInMB: "256",
    });
  });

  describe("the AWS SDK", () => {
    const nodeModules = dirname(dirname(dirname(createRequire(import.meta.url).resolve("aws-sdk/package.json"))));
    const sdkDirs = [join(nodeModules, "node_modules")];
    const withSdk = async (files: Readonly<Record<string, string>>) => {
      const rich = openWorkbench({ nodeModulesDirs: sdkDirs, cacheDir: join(bench.folder, "cache") });
      const end = await rich.run(rich.write(files, {}));
      await rich.close();
      return end;
    };

    test("version 3 is found for a function that does not bundle it, and only the SDK is", async () => {
      const found =
        "import { CodePipelineClient } from '@aws-sdk/client-codepipeline'; export const handler = async () => CodePipelineClient.name";
      expect((await withSdk({ "index.mjs": found })).value).toBe("CodePipelineClient");
      const required =
        "const { CodePipelineClient } = require('@aws-sdk/client-codepipeline'); exports.handler = async () => CodePipelineClient.name";
      expect((await withSdk({ "index.js": required })).value).toBe("CodePipelineClient");
      const other = await withSdk({ "index.mjs": "import 'vitest'; export const handler = async () => 1" });
      expect(other.error?.errorType).toBe("Runtime.ImportModuleError");
    });

    test("a function's own copy comes first", async () => {
      const files = {
        "node_modules/@aws-sdk/client-s3/index.js": "exports.own = true",
        "index.js": "exports.handler = async () => require('@aws-sdk/client-s3').own",
      };
      expect((await withSdk(files)).value).toBe(true);
    });

    test("where it is nowhere, the error says where it was looked for and what to do", async () => {
      const end = await withSdk({ "index.mjs": "import '@aws-sdk/client-nowhere'" });
      expect(end.error?.errorType).toBe("Runtime.ImportModuleError");
      expect(end.error?.errorMessage).toContain(`in the function's folder and in ${sdkDirs[0]}`);
      expect(end.error?.errorMessage).toContain("npm install @aws-sdk/client-nowhere");
    });

    test.each([
      ["index.js", "const AWS = require('aws-sdk'); const at = (C, o) => new C({ region: 'r', ...o });"],
      ["index.mjs", "import AWS from 'aws-sdk'; const at = (C, o) => new C({ region: 'r', ...o });"],
      [
        "index.cjs",
        "const AWS = { CodePipeline: require('aws-sdk/clients/codepipeline'), S3: require('aws-sdk/clients/s3') }; const at = (C, o) => new C({ region: 'r', ...o });",
      ],
    ])("version 2 is sent to AWS_ENDPOINT_URL, unless the code names an endpoint: %s", async (file, start) => {
      const handler =
        "async () => [at(AWS.CodePipeline).endpoint.href, at(AWS.S3).config.s3ForcePathStyle, at(AWS.S3, { endpoint: 'http://own' }).endpoint.href]";
      const code = `${start}\n${file === "index.mjs" ? "export const handler =" : "exports.handler ="} ${handler}`;
      const end = await withSdk({ [file]: code });
      expect(end.value).toEqual(["http://127.0.0.1:4566/", true, "http://own/"]);
    });

    test("compiled code is kept for the next start", async () => {
      const cacheDir = join(bench.folder, "compiled");
      const rich = openWorkbench({ cacheDir });
      const files = { "index.ts": "export const handler = async (): Promise<string> => 'typed'" };
      const spec = rich.write(files, { name: "kept" });
      expect((await rich.run(spec)).value).toBe("typed");
      await rich.host.retire(spec.arn);
      expect(readdirSync(join(cacheDir, "node-compiled/kept")).length).toBeGreaterThan(0);
      expect((await rich.run({ ...spec, revisionId: "next" })).value).toBe("typed");
      await rich.close();
    });
  });
});

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
