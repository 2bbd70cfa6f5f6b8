import { expect, test } from "vitest";
import { asksForHelp, columns, command, helpText, readCommandLine } from "./command-line.ts";

const brew = command({
  name: "brew",
  about: "Brews.",
  argument: { name: "<kind>", about: "What to brew" },
  options: {
    data: { value: "DIR", about: "Where to keep it", environment: "PENSTOCK_DATA" },
    input: { value: "NAME=PATH", repeated: true, about: "What goes in" },
    json: { about: "Print JSON" },
  },
  examples: [{ command: "penstock brew tea", about: "The usual" }],
});

const read = (args: string[], environment = {}) => readCommandLine(brew, args, environment);

test("options, switches, repeated options and the argument are read in any order", () => {
  expect(read(["--input", "A=1", "tea", "--json", "--input=B=2", "--data=-odd"])).toEqual({
    argument: "tea",
    options: { data: "-odd", input: ["A=1", "B=2"], json: true },
  });
  expect(read(["--", "--tea"])).toEqual({ argument: "--tea", options: { data: undefined, input: [], json: false } });
});

test("the environment stands in for an option that was not given", () => {
  expect(read(["tea"], { PENSTOCK_DATA: "/e" }).options.data).toBe("/e");
  expect(read(["tea", "--data", "/f"], { PENSTOCK_DATA: "/e" }).options.data).toBe("/f");
  expect(read(["tea"], { PENSTOCK_DATA: "" }).options.data).toBeUndefined();
});

test("what is wrong is refused with the remedy", () => {
  const refusals: readonly (readonly [string[], string, string])[] = [
    [["tea", "--dta", "x"], "brew has no option --dta", "Did you mean --data?"],
    [["tea", "--sugar"], "brew has no option --sugar", "See: penstock brew --help"],
    [["tea", "--__proto__"], "brew has no option --__proto__", "See:"],
    [["tea", "-x"], "brew has no option -x", "See:"],
    [["tea", "--no-json"], "brew has no option --no-json", "See:"],
    [["tea", "--data"], "--data needs a value: --data DIR", "See:"],
    [["tea", "--data", "--json"], "--data needs a value: --data DIR", "See:"],
    [["tea", "--json=yes"], "--json takes no value", "See:"],
    [[], "brew needs <kind>", "See:"],
    [[""], "brew needs <kind>", "See:"],
    [["tea", "coffee"], 'brew does not take "coffee"', "See:"],
  ];
  for (const [args, message, remedy] of refusals) {
    expect(() => read(args)).toThrowError(
      expect.objectContaining({ exitCode: 2, message, remedy: expect.stringContaining(remedy) }),
    );
  }
});

test("a command without an argument takes none", () => {
  const plain = command({ name: "plain", about: "", options: {}, examples: [] });
  expect(readCommandLine(plain, [], {}).argument).toBe("");
  expect(() => readCommandLine(plain, ["x"], {})).toThrowError(/does not take "x"/);
});

test("help is asked for before --, not after", () => {
  expect(asksForHelp(["tea", "-h"])).toBe(true);
  expect(asksForHelp(["--", "--help"])).toBe(false);
});

test("the help shows argument, options, environment and examples", () => {
  expect(helpText(brew)).toMatchInlineSnapshot(`
    "penstock brew <kind> [options]

    Brews.

      <kind>             What to brew
      --data DIR         Where to keep it [PENSTOCK_DATA]
      --input NAME=PATH  What goes in (may be repeated)
      --json             Print JSON
      --help             Show this help

    Examples:
      # The usual
      penstock brew tea
    "
  `);
});

test("a long left cell takes a line of its own", () => {
  const long = "x".repeat(30);
  expect(
    columns([
      ["a", "1"],
      [long, "2\n3"],
    ]),
  ).toEqual([`  ${"a".padEnd(26)}  1`, `  ${long}`, `${" ".repeat(30)}2`, `${" ".repeat(30)}3`]);
});

const inspected = command({
  name: "replay",
  about: "",
  argument: { name: "[file]", about: "", isOptional: true },
  options: { inspect: { value: "PORT", isValueOptional: true, about: "Wait" }, json: { about: "" } },
  examples: [],
});

test.each([
  [["--inspect", "job.json"], "job.json", ""],
  [["--inspect=9230", "job.json"], "job.json", "9230"],
  [["job.json", "--inspect", "--json"], "job.json", ""],
  [["job.json"], "job.json", undefined],
  [[], "", undefined],
])("an option whose value may be left out takes none from what follows: %j", (args, argument, inspect) => {
  expect(readCommandLine(inspected, args, {})).toMatchObject({ argument, options: { inspect } });
});

test("the help shows that a value may be left out", () => {
  expect(helpText(inspected)).toContain("--inspect[=PORT]");
});
