import { expect, test } from "vitest";
import { median, percentile, spreadOf } from "./statistics.ts";

test("the median of an even number of values lies between the two in the middle", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
});

test("a percentile weighs its neighbours, and its ends are the least and the greatest value", () => {
  const values = [50, 10, 40, 20, 30];
  expect(percentile(values, 0)).toBe(10);
  expect(percentile(values, 1)).toBe(50);
  expect(percentile(values, 0.9)).toBeCloseTo(46);
  expect(spreadOf(values)).toEqual({ median: 30, p10: 14, p90: 46 });
});

test("one value is every percentile, and no value is none", () => {
  expect(percentile([7], 0.9)).toBe(7);
  expect(median([])).toBeNaN();
});

test("values keep their order", () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});
