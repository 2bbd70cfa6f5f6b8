import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonBreakingReferences } from "./json-breaking-references.ts";
import { RESOLVED_CONFIGURATION_BYTES_MAX } from "./limits.ts";
import {
  describeMissing,
  findMalformedReferences,
  findReferences,
  findSizeProblem,
  resolveConfiguration,
} from "./variables.ts";

const scope = {
  codepipeline: { PipelineExecutionId: "e-1" },
  Build: {
    Version: "1.2",
    Notes: 'say "hi"',
    Path: "C:\\temp",
    Lines: "a\nb",
    Number: "7",
    Bell: "\u0007",
    Again: "#{Build.Version}",
  },
  "rule.My.Rule": { answer: "yes" },
};

describe("references", () => {
  test("a reference is a namespace and a key in braces after a hash; anything else is text", () => {
    // value                    | namespace and key of each     | malformed
    const table = `
      #{Build.Version}          | Build Version                 |
      a#{Build.Version}b#{x.y}c | Build Version, x y            |
      #{a@b-c_d.E@f-g_h}        | a@b-c_d E@f-g_h               |
      #{rule.My.Rule.answer}    | rule.My.Rule answer           |
      #{a.b.c}                  |                               | a.b.c
      #{Build}                  |                               | Build
      #{.x}#{x.}#{}             |                               | .x,x.,
      #{ Build.Version }        |                               |  Build.Version 
      #{#{Build.Version}}       | Build Version                 |
      #{Build.Version           |                               |
      {Build.Version} \${Build.Version} # {Build.Version} |      |
    `;
    for (const row of table.split("\n").filter((line) => line.trim() !== "")) {
      const [value = "", references = "", malformed = ""] = row.split("|");
      const found = findReferences(value).map(({ namespace, key }) => `${namespace} ${key}`);
      expect({ value, found: found.join(", ") }).toEqual({ value, found: references.trim() });
      expect({ value, found: findMalformedReferences(value).join(",").trim() }).toEqual({
        value,
        found: malformed.trim(),
      });
    }
  });

  test("a reference tells where it stands", () => {
    const value = "é #{Build.Version}";
    const [reference] = findReferences(value);
    expect(value.slice(reference?.index)).toBe(reference?.reference);
  });
});

describe("resolving", () => {
  test("every reference of every value is replaced, the rest stays", () => {
    const configuration = {
      UserParameters: "v#{Build.Version} of #{codepipeline.PipelineExecutionId}, #{Build.Version}",
      FunctionName: "plain $& #{not one}",
      Rule: "#{rule.My.Rule.answer}",
    };
    expect(resolveConfiguration(configuration, scope)).toEqual({
      ok: true,
      configuration: { UserParameters: "v1.2 of e-1, 1.2", FunctionName: "plain $& #{not one}", Rule: "yes" },
    });
  });

  test("a value that holds a reference itself is not resolved again", () => {
    expect(resolveConfiguration({ A: "#{Build.Again}" }, scope)).toEqual({
      ok: true,
      configuration: { A: "#{Build.Version}" },
    });
  });

  test("all that is missing is told, each once, with what there is", () => {
    const resolved = resolveConfiguration({ A: "#{Build.Nope} #{Build.Nope}", B: "#{No.x}#{Build.Version}" }, scope);
    expect(resolved).toEqual({
      ok: false,
      missing: [
        {
          ...{ reference: "#{Build.Nope}", namespace: "Build", key: "Nope" },
          available: ["Again", "Bell", "Lines", "Notes", "Number", "Path", "Version"],
        },
        { reference: "#{No.x}", namespace: "No", key: "x", available: [] },
      ],
    });
    const missing = resolved.ok ? [] : resolved.missing;
    expect(missing.map(describeMissing)).toEqual([
      "#{Build.Nope} has no value: Build has no variable Nope. It has Again, Bell, Lines, Notes, Number, Path, Version.",
      "#{No.x} has no value: nothing was put out under the namespace No.",
    ]);
  });

  test("names that every object inherits are as unknown as any other", () => {
    const resolved = resolveConfiguration({ A: "#{constructor.name}#{Build.toString}#{__proto__.x}" }, scope);
    expect(resolved.ok ? [] : resolved.missing.map((missing) => missing.reference)).toEqual([
      "#{constructor.name}",
      "#{Build.toString}",
      "#{__proto__.x}",
    ]);
  });

  test("an empty value is a value", () => {
    expect(resolveConfiguration({ A: "[#{n.k}]" }, { n: { k: "" } })).toEqual({ ok: true, configuration: { A: "[]" } });
  });

  test("whatever a variable holds ends up in the value as it is", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (before, held, after) => {
        fc.pre(![before, after].some((text) => text.includes("#") || text.includes("{") || text.includes("}")));
        const resolved = resolveConfiguration({ A: `${before}#{n.k}${after}` }, { n: { k: held } });
        expect(resolved).toEqual({ ok: true, configuration: { A: before + held + after } });
      }),
    );
  });

  test("resolving never throws and never adds or drops a key", () => {
    const value = fc.string({ unit: fc.constantFrom("#", "{", "}", ".", "a", "rule", "\n", "$&") });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), (configuration) => {
        const resolved = resolveConfiguration(configuration, { a: { a: "#{a.a}" } });
        if (resolved.ok) expect(Object.keys(resolved.configuration)).toEqual(Object.keys(configuration));
        else expect(resolved.missing.length).toBeGreaterThan(0);
      }),
    );
  });

  test("a resolved configuration is measured in bytes, and the limit itself is allowed", () => {
    const full = { A: "é".repeat(RESOLVED_CONFIGURATION_BYTES_MAX / 2) };
    expect(findSizeProblem(full)).toBeUndefined();
    expect(findSizeProblem({ ...full, B: "x" })).toEqual({
      sizeBytes: RESOLVED_CONFIGURATION_BYTES_MAX + 1,
      sizeBytesMax: RESOLVED_CONFIGURATION_BYTES_MAX,
    });
  });
});

describe("references that break JSON", () => {
  const warning = (value: string) => jsonBreakingReferences(value, scope);

  test("what needs an escape within a string is warned of, by name and reason, without its value", () => {
    expect(warning('{"m": "#{Build.Notes}"}')).toMatch(/change that: #\{Build\.Notes\} has a double quote in it\. /);
    expect(warning('{"m": "#{Build.Lines}"}')).toMatch(/#\{Build\.Lines\} has a line break in it/);
    expect(warning('{"m": "#{Build.Path}"}')).toMatch(/#\{Build\.Path\} has a backslash in it/);
    expect(warning('["#{Build.Bell}"]')).toMatch(/#\{Build\.Bell\} has a control character in it/);
    expect(warning('{"m": "#{Build.Notes}"}')).not.toContain("say");
  });

  test("several are told once each", () => {
    const text =
      warning('{"a": "#{Build.Notes}", "b": "#{Build.Notes} \\" #{Build.Lines}", "c": "#{Build.Version}"}') ?? "";
    expect(text.match(/#\{/g)).toHaveLength(2);
  });

  test("outside of a string the value must be JSON itself", () => {
    expect(warning('{"n": #{Build.Number}}')).toBeUndefined();
    expect(warning('{"n": #{Build.Notes}}')).toMatch(/stands where JSON needs a value/);
  });

  test("harmless values, missing ones, and values that are no JSON are passed over", () => {
    for (const value of ['{"v": "#{Build.Version}"}', '{"m": "#{No.x}"}', "#{Build.Notes}", "{#{Build.Notes}", "{}"]) {
      expect(warning(value)).toBeUndefined();
    }
  });

  test("without a warning, JSON comes out with the variable's value in the string", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (held) => {
        const value = '{"a": ["x", "#{n.k}"]}';
        if (jsonBreakingReferences(value, { n: { k: held } }) !== undefined) return;
        const resolved = resolveConfiguration({ value }, { n: { k: held } });
        expect(JSON.parse((resolved.ok && resolved.configuration["value"]) || "")).toEqual({ a: ["x", held] });
      }),
    );
  });
});
