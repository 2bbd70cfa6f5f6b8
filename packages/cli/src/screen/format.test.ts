import { expect, test } from "vitest";
import { byteSize, duration, sinceStart } from "./format.ts";

test("durations keep their unit readable, and round without reaching 60", () => {
  const given = [0, -5, 12.4, 999, 1000, 59_949, 59_950, 63_000, 3_599_600, 7_500_000];
  expect(given.map(duration)).toEqual([
    "0ms",
    "0ms",
    "12ms",
    "999ms",
    "1.0s",
    "59.9s",
    "1m 00s",
    "1m 03s",
    "1h 00m",
    "2h 05m",
  ]);
});

test("sizes", () => {
  expect([0, 1023, 1024, 1_048_575, 5_000_000, 3 * 1024 ** 5].map(byteSize)).toEqual([
    "0 B",
    "1023 B",
    "1.0 KB",
    "1.0 MB",
    "4.8 MB",
    "3072.0 TB",
  ]);
});

test("times since the start line up", () => {
  expect([0, 12, 61_000].map(sinceStart)).toEqual(["+  0.000s", "+  0.012s", "+ 61.000s"]);
});
