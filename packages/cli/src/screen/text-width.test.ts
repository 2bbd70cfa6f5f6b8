import { expect, test } from "vitest";
import { cutToWidth, oneLine, padToWidth, textWidth } from "./text-width.ts";

test("wide letters and emoji take two columns, combining marks none", () => {
  const texts = ["", "abc", "日本", "é", "e\u0301", "👩‍👩‍👧", "✓", "ｱ", "⚡", "한"];
  expect(texts.map(textWidth)).toEqual([0, 3, 4, 1, 1, 2, 1, 1, 2, 2]);
});

test("a cut never splits a letter and never takes more than it may", () => {
  expect(cutToWidth("abcdef", 6)).toBe("abcdef");
  expect(cutToWidth("abcdef", 5)).toBe("abcd…");
  expect(cutToWidth("日本語", 4)).toBe("日…");
  expect(cutToWidth("日本語", 5)).toBe("日本…");
  expect(cutToWidth("e\u0301e\u0301e\u0301", 2)).toBe("e\u0301…");
  expect(cutToWidth("abc", 1)).toBe("…");
  expect(cutToWidth("abc", 0)).toBe("");
  for (let width = 0; width < 9; width++)
    expect(textWidth(cutToWidth("日a本👩‍👩‍👧b", width))).toBeLessThanOrEqual(width);
});

test("what a function prints cannot move the cursor", () => {
  expect(oneLine("\x1b[31mred\x1b[0m\x1b[2J\ta\rb\nc\x07\u202e")).toBe("red    ab c");
  expect(oneLine("x".repeat(5000))).toHaveLength(2001);
});

test("padding counts columns", () => {
  expect(padToWidth("日", 4)).toBe("日  ");
  expect(padToWidth("abcd", 2)).toBe("abcd");
});
