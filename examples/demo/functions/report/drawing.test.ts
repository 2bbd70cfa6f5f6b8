import { expect, test } from "vitest";
import { drawBars, fillTemplate, parseSummary } from "./drawing.ts";
import { failureOf, Refused } from "./job.ts";

const summary = { centsByCountry: { Japan: 500, Norway: 2000, "A & B": 0 } };

test("bars drawn some at a time are the bars drawn at once", () => {
  const atOnce = drawBars(summary, 0, 10);
  const inSteps = [0, 1, 2].flatMap((drawn) => drawBars(summary, drawn, 1));
  expect(inSteps).toEqual(atOnce);
  expect(atOnce).toEqual([
    '<div class="bar" style="width: 25%">Japan 5.00</div>',
    '<div class="bar" style="width: 100%">Norway 20.00</div>',
    '<div class="bar" style="width: 0%">A &#38; B 0.00</div>',
  ]);
});

test("nothing is left to draw after the last bar", () => {
  expect(drawBars(summary, 3, 2)).toEqual([]);
  expect(drawBars({ centsByCountry: {} }, 0, 2)).toEqual([]);
});

test("a value cannot bring HTML into the page, a list of drawn bars can", () => {
  expect(fillTemplate("<b>{{title}}</b>{{bars}}", { title: "<i>", bars: ["<hr>"] })).toBe("<b>&#60;i&#62;</b><hr>");
});

test("a place that nothing fills is an error of configuration that names it", () => {
  expect(() => fillTemplate("{{titel}}", { title: "a" })).toThrow("report.html asks for {{titel}}; there is title");
});

test("a summary of another shape is out of sync", () => {
  expect(() => parseSummary("{}")).toThrow(Refused);
  expect(() => parseSummary('{"centsByCountry": null}')).toThrow("no centsByCountry");
});

test("every error becomes one of the six failure types, with a message", () => {
  expect(failureOf(new Refused("RevisionUnavailable", "gone"))).toEqual({
    type: "RevisionUnavailable",
    message: "gone",
  });
  expect(failureOf(new TypeError("x is not a function"))).toEqual({
    type: "JobFailed",
    message: "x is not a function",
  });
  expect(failureOf(undefined)).toEqual({ type: "JobFailed", message: "undefined" });
  expect(failureOf(new Error("a".repeat(6000))).message).toHaveLength(5000);
});
