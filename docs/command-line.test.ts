/** Holds command-line.md to what the program has, where no output shows it. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ENVIRONMENT } from "../packages/cli/src/environment.ts";
import { EXIT } from "../packages/cli/src/failure.ts";
import { ROOT } from "../tools/tracked-files.ts";

const page = readFileSync(`${ROOT}docs/command-line.md`, "utf8");

test("the page lists every environment variable, and no other", () => {
  const rows = [...page.matchAll(/^\| `(PENSTOCK_\w+)` \|/gm)].map(([, name = ""]) => name);
  expect(rows.toSorted()).toEqual(Object.keys(ENVIRONMENT).toSorted());
});

test("the page tells every exit status, and no other", () => {
  const section = page.split(/^## /m).find((text) => text.startsWith("Exit status\n")) ?? "";
  const rows = [...section.matchAll(/^\| (\d+) \|/gm)].map(([, status]) => Number(status));
  expect(rows).toEqual(Object.values(EXIT));
});

test("the page shows the help of every command", () => {
  const commands = readdirSync(`${ROOT}packages/cli/src/commands`).filter((name) => !name.endsWith(".test.ts"));
  expect(page.match(/^\$ penstock \w+ --help$/gm)).toHaveLength(commands.length);
});

test("links between the pages lead somewhere", () => {
  const folders = ["docs", "docs/guides", "docs/reference"].flatMap((folder) =>
    readdirSync(ROOT + folder).map((name) => `${folder}/${name}`),
  );
  const pages = ["README.md", "ARCHITECTURE.md", ...folders];
  const texts = new Map(
    pages.filter((name) => name.endsWith(".md")).map((name) => [name, readFileSync(ROOT + name, "utf8")]),
  );
  const broken = [...texts].flatMap(([from, text]) =>
    [...text.matchAll(/\]\(([\w./-]+\.md)?(?:#([\w-]+))?\)/g)].flatMap(([link, file, anchor]) => {
      const to = file ? new URL(file, `file:///${from}`).pathname.slice(1) : from;
      const target = texts.get(to);
      const isThere = target !== undefined && (!anchor || anchorsOf(target).includes(anchor));
      return isThere || to === "CHANGELOG.md" ? [] : [`${from}: ${link}`];
    }),
  );
  expect(broken).toEqual([]);
});

/** The anchors that code hosts make of headings. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
}
