import { expect, test } from "vitest";
import { type Comparison, compare, type Figures, isMet, isSame } from "./compare.ts";

const comparison: Comparison = {
  label: "ours, against the floor",
  ours: "ours",
  floor: "floor",
  twins: ["floor", "floor again"],
  unit: "ms",
  goal: { atMost: 1.5 },
};

const rounds = (...figures: readonly (readonly [ours: number, floor: number, again: number])[]): readonly Figures[] =>
  figures.map(([ours, floor, again]) => ({ ours, floor, "floor again": again }));

test("the ratio is taken in each round before the median, so a machine that slows down changes nothing", () => {
  const compared = compare(comparison, rounds([14, 10, 10], [28, 20, 20], [140, 100, 100]));
  expect(compared.ratio).toEqual({ median: 1.4, p10: 1.4, p90: 1.4 });
  expect(compared).toMatchObject({ ours: 28, floor: 20, roundsCount: 3, verdict: "met" });
});

test("the median passes or fails, whatever single rounds did", () => {
  expect(compare(comparison, rounds([15, 10, 10], [15, 10, 10], [90, 10, 10])).verdict).toBe("met");
  expect(compare(comparison, rounds([16, 10, 10], [16, 10, 10], [1, 10, 10])).verdict).toBe("not met");
});

test("a floor that differs from itself makes the comparison void, be it met or not", () => {
  expect(compare(comparison, rounds([10, 10, 12], [10, 10, 12], [10, 10, 12])).verdict).toBe("void");
  expect(compare(comparison, rounds([90, 10, 8], [90, 10, 8], [90, 10, 8])).verdict).toBe("void");
});

test("without a goal there is a ratio, and no verdict on it", () => {
  const { goal: _, ...context } = comparison;
  expect(compare(context, rounds([90, 10, 10])).verdict).toBe("no goal");
});

test("a figure that is missing or not above zero is refused, with its name", () => {
  expect(() => compare(comparison, [{ ours: 1, floor: 1 }])).toThrow("floor again");
  expect(() => compare(comparison, rounds([1, 0, 1]))).toThrow("floor");
  expect(() => compare(comparison, rounds([Number.NaN, 1, 1]))).toThrow("ours");
});

test("the gate has its bounds", () => {
  // median p10 p90 | passes
  const table = [
    [1, 0.9, 1.1, true],
    [0.95, 0.8, 1.25, true],
    [1.05, 0.8, 1.25, true],
    [0.94, 0.9, 1.1, false],
    [1.06, 0.9, 1.1, false],
    [1, 0.79, 1.1, false],
    [1, 0.9, 1.26, false],
    [Number.NaN, 1, 1, false],
  ] as const;
  for (const [median, p10, p90, passes] of table) expect(isSame({ median, p10, p90 })).toBe(passes);
});

test("a goal includes its bound", () => {
  expect(isMet({ atMost: 2 }, 2)).toBe(true);
  expect(isMet({ atMost: 2 }, 2.01)).toBe(false);
  expect(isMet({ atLeast: 0.25 }, 0.25)).toBe(true);
  expect(isMet({ atLeast: 0.25 }, 0.24)).toBe(false);
});
