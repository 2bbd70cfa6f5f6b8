import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FACT_FILES, FACT_PARTS, testsOfFact } from "./facts.ts";
import { knownTests, testsOf } from "./known-tests.ts";
import { PAGE, withFacts } from "./write-facts.ts";

const facts = FACT_PARTS.flatMap((part) => part.facts);
const known = knownTests(FACT_FILES);

test("no id is used twice, and the ids of a section count up from one", () => {
  const sections = Map.groupBy(facts, ({ id }) => id.slice(0, id.lastIndexOf(".")));
  for (const [section, { length }] of sections) {
    const counted = Array.from({ length }, (_, index) => `${section}.${index + 1}`);
    expect(sections.get(section)?.map(({ id }) => id)).toEqual(counted);
  }
  expect(new Set(facts.map(({ id }) => id)).size).toBe(facts.length);
  expect(facts.length).toBeGreaterThan(100);
});

test("every fact that claims a proof names tests that are there, once", () => {
  const names = known.map(({ file, title }) => `${file}: ${title}`);
  for (const fact of facts) {
    if (fact.state === "not yet") continue;
    expect(fact.tests, fact.id).not.toEqual([]);
    for (const name of fact.tests)
      expect(
        names.filter((each) => each === name),
        fact.id,
      ).toEqual([name]);
  }
});

test("a fact that is proven is seen through more than one client, but for bytes and what functions do themselves", () => {
  const clientsOf = new Map(known.map(({ file, title, clients }) => [`${file}: ${title}`, clients]));
  const throughOne = facts.filter(
    (fact) => fact.state === "proven" && testsOfFact(fact).every((name) => clientsOf.get(name) === "JS v3"),
  );
  expect(throughOne.map(({ id }) => id)).toEqual(["1.0.1", "1.0.2", "1.0.3", "1.0.4", "1.1.1", "5.2.14"]);
});

test("the page says what the list says; `node conformance/write-facts.ts` writes it", () => {
  const page = readFileSync(PAGE, "utf8");
  expect(page).toBe(withFacts(page, known));
});

test("tests are found however they are written, with what their suite is played through", () => {
  const text = [
    'test("alone", async () => {});',
    'describe.each(bench.clients)("X by $name", ({ codePipeline }) => {',
    String.raw`  test("one \"quoted\"", () => {});`,
    '  test.each([["a", { b: "c" }]] as const)(',
    '    "two of %s",',
    "    async (_, other) => {},",
    "  );",
    "});",
    'describe.each([[javascript], [boto3(server)]])("%s", () => {',
    '  test.each<[a: string]>([["b", () => 1]])("three", (a) => {});',
    "});",
    'describe("Y", () => {',
    '  test("four", async () => {});',
    "});",
    'test.each(["z"])("five", async () => {});',
  ];
  expect(testsOf("x", text.join("\n")).map(({ title, clients }) => `${title} | ${clients}`)).toEqual([
    "alone | JS v3",
    'one "quoted" | boto3 and JS v3',
    "two of %s | boto3 and JS v3",
    "three | boto3 and JS v3",
    "four | JS v3",
    "five | JS v3",
  ]);
});

test("a test whose title is no plain string is not passed over", () => {
  const text = ["test(title, () => {});", 'test("b", () => {});'].join("\n");
  expect(() => testsOf("x", text)).toThrow("x.test.ts: a test has no title in a plain string: test(title, () => {});");
});
