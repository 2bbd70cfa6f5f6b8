import { expect, test } from "vitest";
import { cutAs, isSame, masked } from "./masks.ts";
import { readPage, withOutputs } from "./page.ts";

const run = [
  "+  0.013s  started Lambda silent",
  "+  0.021s  returned 1 after 3ms",
  "",
  "Functions",
  "  silent  returned 1",
  "Failed",
];

test("what differs from run to run is the same", () => {
  const other = run.map((line) => line.replace("0.013s", "1.984s").replace("3ms", "1.2s"));
  expect(isSame(run, other)).toBe(true);
  expect(masked(["job 3f07c3fe-9970-5fa4-8eab-a8bb12da5660 at 2026-11-24T06:47:43.423Z"])).toEqual([
    "job <id> at <time>",
  ]);
});

test.each([
  ["another word", run.with(5, "Succeeded")],
  ["another value in a line of the story", run.with(1, "+  0.021s  returned 2 after 3ms")],
  ["a line less", run.slice(0, -1)],
  ["a line more", [...run, "more"]],
  ["other lines in another order", [...run.slice(0, 3), "  silent  returned 1", "Functions", "Failed"]],
])("it sees %s", (_, printed) => {
  expect(isSame(run, printed)).toBe(false);
});

test("lines of the story may change places", () => {
  expect(isSame(run, [run[1] ?? "", run[0] ?? "", ...run.slice(2)])).toBe(true);
});

test.each([
  [["…", "Failed"], true],
  [["…", "Functions", "…", "Failed"], true],
  [["+  9.000s  started Lambda silent", "…"], true],
  [["…", "Succeeded"], false],
  [["…", "  silent  returned 1", "Functions", "…", "Failed"], false],
  [["Functions", "…", "Failed"], false],
])("a cut shows the rest in its order: %j", (shown, expected) => {
  expect(isSame(shown, run)).toBe(expected);
});

test("an update cuts as the page did", () => {
  expect(cutAs(["a", "…", "Functions", "…", "z"], run)).toEqual([
    "+  0.013s  started Lambda silent",
    "…",
    "Functions",
    "…",
    "Failed",
  ]);
});

const page = ["```console", "$ one \\", "  two", "1", "$ three", "```", ""].join("\n");

test("a page is read into commands and outputs, and written with others", () => {
  expect(readPage(page)).toMatchObject([
    {
      type: "console",
      exchanges: [
        { line: 2, command: "one \\\n  two", output: ["1"] },
        { line: 5, command: "three", output: [] },
      ],
    },
  ]);
  const other = withOutputs(
    page,
    new Map([
      [2, ["2", "3"]],
      [5, ["4"]],
    ]),
  );
  expect(other).toBe(["```console", "$ one \\", "  two", "2", "3", "$ three", "4", "```", ""].join("\n"));
});

test("a block that nobody tries is unknown", () => {
  expect(readPage("```sh\nrm x\n```\n")).toMatchObject([{ type: "unknown", info: "sh" }]);
  expect(readPage("```sh not-run:\nrm x\n```\n")).toMatchObject([{ type: "unknown" }]);
  expect(() => readPage("```json\n{}\n")).toThrow("does not end");
});
