import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { checkFunctionCode, findFunctionCode, handlerFile } from "./function-code.ts";

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "penstock-code-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test("the handler's file decides the runtime", () => {
  const dir = folderWith({ "a.py": "", "b.mjs": "", "c.ts": "", "d/e.py": "", bootstrap: "" });
  const found = ["a.f", "b.f", "c.f", "d.e.f", "x.f", "a", ".f", "a."].map(
    (handler) => handlerFile(dir, handler)?.runtime,
  );
  const none = undefined;
  expect(found).toEqual(["python3.12", "nodejs24.x", "nodejs24.x", "python3.12", none, none, none, none]);
});

test("a path to a handler is split into its folder and the handler", () => {
  const dir = folderWith({ "lambda_function.py": "", bootstrap: "" });
  expect(findFunctionCode(join(dir, "lambda_function.lambda_handler"))).toEqual({
    codeDir: dir,
    handler: "lambda_function.lambda_handler",
    runtime: "python3.12",
  });
  expect(findFunctionCode(join(dir, "lambda_function.f"), "python3.9")?.runtime).toBe("python3.9");
  expect(findFunctionCode(join(dir, "bootstrap"))?.runtime).toBe("provided.al2023");
  expect(findFunctionCode(join(dir, "other.f"))).toBeUndefined();
  expect(findFunctionCode(join(dir, "lambda_function.py", "x.f"))).toBeUndefined();
});

test("code that cannot hold the handler is refused with what is there", () => {
  const codeDir = folderWith({
    "app.py": "def lambda_handler(event, context):\n  pass\n",
    "index.mjs": "export const handler = async () => {};\n",
    "star.py": "from app import *\n",
    bootstrap: "#!/bin/sh\n",
  });
  const check = (handler: string, runtime: string) => () => checkFunctionCode("T", { codeDir, handler, runtime });
  expect(check("app.lambda_handler", "python3.12")).not.toThrow();
  expect(check("star.lambda_handler", "python3.12")).not.toThrow();
  const refusals: readonly (readonly [string, string, RegExp, string])[] = [
    ["ap.lambda_handler", "python3.12", /no ap /, "Did you mean app.lambda_handler?"],
    ["app.lambda_hander", "python3.12", /has no "lambda_hander"/, "Did you mean app.lambda_handler?"],
    ["app.main", "python3.12", /has no "main"/, "It defines: lambda_handler."],
    ["index.handler", "python3.12", /not a file for python3.12/, "nodejs"],
    ["app", "python3.12", /"app" is not a handler/, "module and a function"],
    ["x", "provided.al2023", /not executable/, "chmod +x"],
  ];
  for (const [handler, runtime, message, remedy] of refusals) {
    expect(check(handler, runtime)).toThrowError(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringMatching(message),
        remedy: expect.stringContaining(remedy),
      }),
    );
  }
  chmodSync(join(codeDir, "bootstrap"), 0o755);
  expect(check("x", "provided.al2023")).not.toThrow();
});
