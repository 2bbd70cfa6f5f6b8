import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createEnvironmentLog, maskedError } from "./environment-log.ts";
import type { Invocation } from "./host.ts";

const REPORT = { durationMs: 1, memoryMb: 128 };

/** A log whose clock ticks with every line, with what came to its stream and to its invocations. */
function openLog() {
  const recorded: string[] = [];
  const told: string[] = [];
  let now = 0;
  const record = (line: string, at: number) => void recorded.push(`${at} ${line.split(" ", 1)[0]}`);
  const log = createEnvironmentLog("2026/11/24/[$LATEST]0", record, () => ++now);
  log.hide(["process-secret"]);
  const output = new PassThrough();
  log.follow(output);
  const invocation = (secrets: readonly string[] = []): Invocation => ({
    requestId: "id",
    payload: Buffer.alloc(0),
    secrets,
    onLine: (line) => void told.push(line),
    onSecret: () => void told.push("(a secret)"),
  });
  /** Writes as a process does, and reads it. */
  const write = async (text: string) => {
    output.write(text);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { log, recorded, told, invocation, write };
}

test("the stream gets every line once and at its time, also those outside an invocation", async () => {
  const { log, recorded, told, invocation, write } = openLog();
  await write("starting\n");
  expect(recorded).toEqual(["1 starting"]);
  log.open(invocation(), "$LATEST");
  await write("working\n");
  log.close(REPORT);
  await write("between\n");
  log.open(invocation(), "$LATEST");
  expect(recorded.map((line) => line.split(" ")[1])).toEqual([
    "starting",
    "START",
    "working",
    "END",
    "REPORT",
    "between",
    "START",
  ]);
  expect(told.map((line) => line.split(" ", 1)[0])).toEqual(recorded.map((line) => line.split(" ")[1]));
});

test("START, END and REPORT are recorded of an invocation that wants no lines", () => {
  const { log, recorded } = openLog();
  log.open({ requestId: "id", payload: Buffer.alloc(0) }, "$LATEST");
  log.close(REPORT);
  expect(recorded).toEqual(["1 START", "2 END", "3 REPORT"]);
});

test("secrets of the process and of the invocation in hand are masked, and it is said after the line", async () => {
  const { log, told, invocation, write } = openLog();
  log.open(invocation(["job-secret"]), "$LATEST");
  await write("a job-secret and a process-secret\nnothing\n");
  expect(told.slice(1)).toEqual(["a **** and a ****", "(a secret)", "nothing"]);
  const mask = log.mask();
  log.close(REPORT);
  expect(mask("process-secret job-secret")).toBe("**** ****");
  const error = { errorType: "E", errorMessage: "job-secret", stackTrace: ["at process-secret"] };
  expect(maskedError(error, mask)).toEqual({ errorType: "E", errorMessage: "****", stackTrace: ["at ****"] });
  log.open(invocation(), "$LATEST");
  told.length = 0;
  await write("an old job-secret\n");
  expect(told).toEqual(["an old job-secret"]); // It is no longer known.
});

test("a secret that is written while nothing runs is masked, and said to the next invocation", async () => {
  const { log, told, invocation, write } = openLog();
  await write("at start: process-secret\n");
  log.open(invocation(), "$LATEST");
  expect(told.slice(0, 2)).toEqual(["at start: ****", "(a secret)"]);
  log.close(REPORT);
  log.open(invocation(), "$LATEST");
  expect(told.filter((line) => line === "(a secret)")).toHaveLength(1);
});
