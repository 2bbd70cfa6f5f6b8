/**
 * Holds the lists of compatibility.md equal to the operations that are served.
 *
 * `DOCS_UPDATE=1 npx vitest run docs` adds what is new to the end of its table; what it is worth is for people to say.
 */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ROOT } from "../tools/tracked-files.ts";

const SERVICES = "packages/server/src/services";
const PAGE = `${ROOT}docs/compatibility.md`;
const UPDATES = process.env["DOCS_UPDATE"] !== undefined;

/** Headings of the page, by folder. */
const TITLES: Readonly<Record<string, string>> = {
  codepipeline: "CodePipeline",
  iam: "IAM",
  kms: "KMS",
  lambda: "Lambda",
  logs: "CloudWatch Logs",
  events: "EventBridge",
  s3: "S3",
  sts: "STS",
};

/** What `main.ts` connects; a folder alone serves nothing. */
const assembly = readFileSync(`${ROOT}packages/server/src/main.ts`, "utf8");
const folders = [...assembly.matchAll(/import\("\.\/services\/(\w+)\/operations\.ts"\)/g)].map(([, name = ""]) => name);

test("there are services", () => {
  expect(folders.length).toBeGreaterThanOrEqual(6);
});

test.each(folders)("the page lists what is served of %s, and nothing else", (folder) => {
  const served = servedOperations(folder);
  expect(served.length).toBeGreaterThan(2);
  const title = TITLES[folder] ?? folder;
  if (UPDATES) addMissing(title, served);
  expect(listedOperations(title)).toEqual(served);
});

test("no service has a section that is not served", () => {
  const sections = Object.entries(TITLES).filter(([, title]) => sectionOf(title) !== "");
  expect(sections.map(([folder]) => folder).toSorted()).toEqual(folders.toSorted());
});

/** The keys of the table in a service's `operations.ts`. */
function servedOperations(folder: string): readonly string[] {
  const source = readFileSync(`${ROOT}${SERVICES}/${folder}/operations.ts`, "utf8");
  const table = /^(?:export )?const operations\b[^=]*= \{\n(.*?)^\};/ms.exec(source)?.[1] ?? "";
  return [...table.matchAll(/^ {2}([A-Z]\w+)(?::|,)/gm)].map(([, name = ""]) => name).sort();
}

/** The operations in the first cells of the tables under a heading. */
function listedOperations(title: string): readonly string[] {
  const cells = [...sectionOf(title).matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = ""]) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`([A-Z]\w+)`/g)].map(([, name = ""]) => name)).sort();
}

function sectionOf(title: string): string {
  const [, ...sections] = readFileSync(PAGE, "utf8").split(/^(?=## )/m);
  return sections.find((text) => text.startsWith(`## ${title}\n`)) ?? "";
}

function addMissing(title: string, served: readonly string[]): void {
  if (sectionOf(title) === "") appendFileSync(PAGE, `\n## ${title}\n\n| operation | notes |\n|---|---|\n`);
  const section = sectionOf(title);
  const listed = listedOperations(title);
  const rows = served.filter((name) => !listed.includes(name)).map((name) => `| \`${name}\` | |\n`);
  const tableEnd = section.lastIndexOf("|\n") + 2;
  const added = section.slice(0, tableEnd) + rows.join("") + section.slice(tableEnd);
  if (rows.length > 0)
    writeFileSync(
      PAGE,
      readFileSync(PAGE, "utf8").replace(section, () => added),
    );
}
