import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "@penstock/server";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { dispatch } from "../dispatch.ts";

const out: string[] = [];
const err: string[] = [];
const dir = mkdtempSync(join(tmpdir(), "penstock-why-command-"));
const code = join(dir, "silent.mjs");
let executionId = "";

beforeAll(async () => {
  vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0);
  writeFileSync(code, "export const handler = async () => 1;\n");
  expect(await dispatch(["invoke", `${code.replace(".mjs", "")}.handler`, "--data", join(dir, "data"), "--json"])).toBe(
    1,
  );
  executionId = (JSON.parse(out.join("")) as { executionId: string }).executionId; // the command's own document
});
beforeEach(() => {
  out.length = 0;
  err.length = 0;
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test("a data folder that a run has kept says why, for people and for programs", async () => {
  expect(await dispatch(["why", executionId, "--data", join(dir, "data")])).toBe(0);
  expect(out.join("")).toContain("Invoke/silent failed: JobFailed: ");
  expect(out.join("")).toContain("returnedWithoutReporting");
  expect(out.join("")).toMatch(/Evidence:\n +\d{4}-\S+Z {2}attempt 1 returned after \d+ ms/);
  out.length = 0;
  expect(await dispatch(["why", executionId, "--data", join(dir, "data"), "--json"])).toBe(0);
  expect(JSON.parse(out.join(""))).toMatchObject({
    diagnoses: [{ state: "succeeded" }, { state: "failed", cause: "returnedWithoutReporting" }],
  });
});

test("a server is asked by its URL, for an execution or a job; and its clock is set", async () => {
  const server = await startServer({ dataDir: join(dir, "data"), timing: "fast" });
  try {
    const url = ["--url", server.url];
    expect(await dispatch(["why", executionId, ...url, "--json"])).toBe(0);
    const { diagnoses } = JSON.parse(out.join("")) as { diagnoses: { jobId: string }[] }; // the command's own document
    out.length = 0;
    expect(await dispatch(["why", diagnoses[1]?.jobId ?? "", ...url, "--json"])).toBe(0);
    expect(JSON.parse(out.join(""))).toEqual({ diagnoses: [diagnoses[1]] });
    expect(await dispatch(["why", "nothing", ...url])).toBe(2);
    expect(err.join("")).toContain("there is no execution or job nothing");
    out.length = 0;
    expect(await dispatch(["clock", "advance", "1h30m", ...url])).toBe(0);
    expect(out.join("")).toMatch(/^It is \d{4}-\d\d-\d\dT\S+Z on http/);
    expect(await dispatch(["clock", "advance", "400d", ...url])).toBe(2);
    expect(err.join("")).toContain("at most a year ahead");
    expect(await dispatch(["why", executionId, "--data", join(dir, "data")])).toBe(3);
    expect(err.join("")).toContain("in use by another Penstock server");
  } finally {
    await server.stop();
  }
});

test("what cannot be asked is told", async () => {
  mkdirSync(join(dir, "empty"));
  const table: readonly (readonly [readonly string[], number, string])[] = [
    [["why", "x", "--data", join(dir, "empty")], 3, "holds no data of Penstock"],
    [["why", "x", "--data", "d", "--url", "u"], 2, "exclude each other"],
    [["why", "x", "--url", "u"], 2, "u is not a URL"],
    [["why", "x", "--url", "http://127.0.0.1:9"], 3, "no server answers at http://127.0.0.1:9"],
    [["clock", "advance", "soon"], 2, '"soon" is not a duration'],
    [["clock", "back"], 2, "penstock clock cannot back"],
    [["clock"], 2, "needs to be told what to do"],
  ];
  for (const [args, status, text] of table) {
    err.length = 0;
    expect([args, await dispatch(args)]).toEqual([args, status]);
    expect(err.join("")).toContain(text);
  }
});
