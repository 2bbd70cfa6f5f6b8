/** A Python function under the real debugpy: it waits, stops at a breakpoint, shows a variable, and goes on. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { captureFile, freePort } from "./testing/captures.ts";
import { attachTo } from "./testing/debug-adapter.ts";
import { functionFolder } from "./testing/penstock.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const NOTE = fileURLToPath(new URL("../../../../.tools/debugpy.json", import.meta.url));

const PYTHON = `
def handler(event, context):
    answer = 6 * 7
    print("answer", answer)
`;

// Set-up found no Python that has debugpy.
test.skipIf(!existsSync(NOTE))("a Python function stops at a breakpoint of debugpy and goes on", async () => {
  const { executable } = JSON.parse(readFileSync(NOTE, "utf8")) as { executable: string }; // set-up wrote it
  const code = functionFolder(PYTHON, "app.py");
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN, "replay", captureFile("python3.12", code), `--inspect=${port}`], {
    env: { ...process.env, PENSTOCK_PYTHON: executable },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (output += part.toString()));
  const ended = new Promise<number | null>((done) => child.on("exit", done));
  const adapter = await attachTo(port);
  adapter.send("initialize", { adapterID: "test", pathFormat: "path" });
  adapter.send("attach", { justMyCode: false });
  await adapter.told("initialized");
  adapter.send("setBreakpoints", { source: { path: join(code, "app.py") }, breakpoints: [{ line: 4 }] });
  adapter.send("configurationDone");
  const { body } = await adapter.told("stopped");
  expect(body?.["reason"]).toBe("breakpoint");
  adapter.send("stackTrace", { threadId: body?.["threadId"] });
  const frames = (await adapter.told("stackTrace")).body?.["stackFrames"] as {
    id: number;
    name: string;
    line: number;
  }[]; // the protocol
  expect(frames[0]).toMatchObject({ name: "handler", line: 4 });
  adapter.send("evaluate", { expression: "answer", frameId: frames[0]?.id });
  expect((await adapter.told("evaluate")).body?.["result"]).toBe("42");
  adapter.send("continue", { threadId: body?.["threadId"] });
  await ended;
  expect(output).toContain("answer 42");
  expect(output).toContain("returned null");
});
