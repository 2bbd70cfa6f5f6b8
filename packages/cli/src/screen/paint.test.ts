import { expect, test } from "vitest";
import { isTerminal, loadPaint, wantsColour } from "./paint.ts";

test("NO_COLOR wins over FORCE_COLOR, and both over the stream", () => {
  const table: readonly (readonly [boolean, Readonly<Record<string, string>>, boolean])[] = [
    [true, {}, true],
    [false, {}, false],
    [true, { TERM: "dumb" }, false],
    [true, { NO_COLOR: "1" }, false],
    [true, { NO_COLOR: "" }, true],
    [false, { FORCE_COLOR: "1" }, true],
    [false, { FORCE_COLOR: "" }, true],
    [true, { FORCE_COLOR: "0" }, false],
    [true, { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
  ];
  for (const [isTTY, environment, wanted] of table) expect(wantsColour({ isTTY }, environment)).toBe(wanted);
});

test("colours make no terminal of a pipe", () => {
  expect(isTerminal({ isTTY: false }, { FORCE_COLOR: "1" })).toBe(false);
});

test("paint without colours leaves texts alone, paint with them wraps only styled ones", async () => {
  const [plain, coloured] = [await loadPaint(false), await loadPaint(true)];
  expect(plain("x", "good")).toBe("x");
  expect(coloured("x", undefined)).toBe("x");
  expect(coloured("x", "good")).toBe("\u001b[32mx\u001b[39m");
});
