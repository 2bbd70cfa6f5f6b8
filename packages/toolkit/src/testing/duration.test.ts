import { expect, test } from "vitest";
import { milliseconds } from "./duration.ts";

test.each([
  ["20m", 1_200_000],
  ["1h30m", 5_400_000],
  ["1d", 86_400_000],
  ["250ms", 250],
  [1500, 1500],
])("%s is %d milliseconds", (duration, expected) => {
  expect(milliseconds(duration)).toBe(expected);
});

test.each(["", "20", "m20", "20 m", "-1s", "1.5h"])("'%s' is no duration", (text) => {
  expect(() => milliseconds(text)).toThrow("is not a duration");
});
