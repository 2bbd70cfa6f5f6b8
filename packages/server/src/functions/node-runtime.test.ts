import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openWorkbench, type Workbench } from "./testing/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = openWorkbench();
});
afterEach(async () => {
  await bench.close();
});

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

    test("a function that asks for version 2 where there is none is told what Lambda has, and where it was looked for", async () => {
      const end = await bench.run(bench.write({ "index.js": "require('aws-sdk')" }, {}));
      expect(end.error?.errorMessage).toMatch(
        /brings version 2 of the AWS SDK along up to nodejs16\.x, and none from nodejs18\.x on; .* in no other folder\. Run 'npm install aws-sdk'/,
      );
    });

    test("compiled code is kept for the next start", async () => {
      const cacheDir = join(bench.folder, "compiled");
      const rich = openWorkbench({ cacheDir });
      const files = { "index.ts": "export const handler = async (): Promise<string> => 'typed'" };
      const spec = rich.write(files, { name: "kept" });
      expect((await rich.run(spec)).value).toBe("typed");
      await rich.host.retire(spec.arn);
      expect(readdirSync(join(cacheDir, "node-compiled")).length).toBeGreaterThan(0);
      expect((await rich.run({ ...spec, revisionId: "next" })).value).toBe("typed");
      await rich.close();
    });
  });
});
