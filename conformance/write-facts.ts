/** Writes the facts into `docs/compatibility.md` anew: `node conformance/write-facts.ts`. */
import { readFileSync, writeFileSync } from "node:fs";
import { FACT_FILES, FACT_PARTS, type Fact, type TestName } from "./facts.ts";
import { type KnownTest, knownTests } from "./known-tests.ts";

/** The page that the facts are a part of. */
export const PAGE = new URL("../docs/compatibility.md", import.meta.url);

const BEGIN = "<!-- facts: written by conformance/write-facts.ts -->\n";
const END = "<!-- end of facts -->\n";

/** The page with the facts as they are listed now, in the place of those that it has. */
export function withFacts(page: string, known: readonly KnownTest[]): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`The page has no place for facts, between ${BEGIN}and ${END}`);
  return page.slice(0, begin + BEGIN.length) + factsText(known) + page.slice(end);
}

function factsText(known: readonly KnownTest[]): string {
  const facts = FACT_PARTS.flatMap((part) => part.facts);
  const count = (state: Fact["state"]) => facts.filter((fact) => fact.state === state).length;
  const sum = `${facts.length} facts: ${count("proven")} proven, ${count("our choice")} our choice, ${count("not yet")} not yet.`;
  const parts = FACT_PARTS.map(({ title, facts: rows }) => {
    const lines = rows.map((fact) => rowOf(fact, known));
    return `### ${title}\n\n| id | fact | source | state |\n|---|---|---|---|\n${lines.join("")}`;
  });
  return `\n${sum}\n\n${parts.join("\n")}\n`;
}

function rowOf(fact: Fact, known: readonly KnownTest[]): string {
  const cells = [fact.id, fact.says, fact.source, stateOf(fact, known)].map((cell) => cell.replaceAll("|", "\\|"));
  return `| ${cells.join(" | ")} |\n`;
}

function stateOf(fact: Fact, known: readonly KnownTest[]): string {
  if (fact.state === "not yet") return `**not yet**: ${fact.missing}`;
  const tests = fact.tests.map(
    (name) => `${name.replace(/^[^:]+/, "`$&`").replaceAll("<", "&lt;")} (${clientsOf(name, known)})`,
  );
  return `**${fact.state}**: ${tests.join("; ")}`;
}

function clientsOf(name: TestName, known: readonly KnownTest[]): string {
  const [test, another] = known.filter(({ file, title }) => `${file}: ${title}` === name);
  if (!test) throw new Error(`There is no test “${name}” in conformance/.`);
  if (another) throw new Error(`There is more than one test “${name}”, so it cannot be told which one proves a fact.`);
  return test.clients;
}

if (import.meta.main) writeFileSync(PAGE, withFacts(readFileSync(PAGE, "utf8"), knownTests(FACT_FILES)));
