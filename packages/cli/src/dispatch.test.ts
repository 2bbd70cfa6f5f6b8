import { afterEach, expect, test, vi } from "vitest";
import { dispatch } from "./dispatch.ts";

const out: string[] = [];
const err: string[] = [];
vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0);
vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0);

afterEach(() => {
  out.length = 0;
  err.length = 0;
});

test("help goes to standard output and is fine, for every command", async () => {
  for (const name of ["init", "run", "invoke", "event", "why", "clock", "serve"]) {
    expect(await dispatch([name, "--help"])).toBe(0);
    expect(await dispatch(["help", name])).toBe(0);
    expect(out.join("")).toContain("Examples:");
    expect(out.join("")).toContain(`penstock ${name}`);
    out.length = 0;
  }
  expect(await dispatch(["--help"])).toBe(0);
  expect(err).toEqual([]);
});

test("no command at all is wrong input, and the help goes to standard error", async () => {
  expect(await dispatch([])).toBe(2);
  expect(out).toEqual([]);
  expect(err.join("")).toContain("penstock <command>");
});

test("what does not exist is refused with the near one", async () => {
  expect(await dispatch(["serv"])).toBe(2);
  expect(err.join("")).toContain('Did you mean "serve"?');
  expect(await dispatch(["constructor"])).toBe(2);
  expect(await dispatch(["invoke", "x.y", "--inputs", "A=."])).toBe(2);
  expect(err.join("")).toContain("Did you mean --input?");
});

test("options that do not go together are refused", async () => {
  expect(await dispatch(["serve", "--input", "Source=."])).toBe(2);
  expect(err.join("")).toContain("--project PATH");
  expect(await dispatch(["run", ".", "--watch", "--json"])).toBe(2);
  expect(err.join("")).toContain("--watch and --json do not go together");
});

test("with --json, a failure is one JSON document on standard output", async () => {
  expect(await dispatch(["run", "no/such/place", "--json"])).toBe(2);
  expect(JSON.parse(out.join(""))).toEqual({
    error: { message: expect.stringContaining("no/such/place"), remedy: expect.any(String), exitCode: 2 },
  });
});
