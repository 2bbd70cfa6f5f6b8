/**
 * `node packages/toolkit/published/write-published.ts` writes what is held equal to the sources by tests: the reports of
 * the public API (`packages/toolkit/api`), the reference (`docs/reference`) and the ways to end.  Builds the library first.
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { documentedOf, pageOf } from "./documented.ts";
import { ENTRIES, readApi } from "./public-api.ts";
import { referencePage } from "./reference-page.ts";
import { waysPage } from "./ways-page.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

execFileSync(process.execPath, [`${ROOT}tools/build-toolkit.mjs`], { stdio: "inherit" });
for (const entry of ENTRIES) {
  const api = readApi(entry);
  write(`packages/toolkit/api/${entry.name}.api.md`, api.report);
  write(pageOf(entry), referencePage(entry, documentedOf(api)));
}
write("docs/ways-to-end.md", waysPage());

function write(path: string, text: string): void {
  mkdirSync(dirname(ROOT + path), { recursive: true });
  writeFileSync(ROOT + path, text);
  console.log(`written: ${path}`);
}
