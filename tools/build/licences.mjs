/** The licences that a bundle must carry: the bundle has the code, and with it the duty to show whose it is. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Licences that may be bundled. */
const ALLOWED = ["MIT", "Apache-2.0", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0"];

const RULE = "-".repeat(80);

/**
 * The text of `THIRD-PARTY.txt` for a bundle that was made from `inputs`, paths relative to `root` as esbuild's
 * metafile has them. Throws for a package without a licence that is allowed.
 */
export function thirdPartyText(root, inputs) {
  const folders = new Set(inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []));
  const sections = [...folders].sort().map((folder) => section(join(root, folder)));
  return ["Penstock contains code of these packages.", ...sections, ""].join(`\n${RULE}\n`);
}

function section(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (!ALLOWED.includes(license))
    throw new Error(`${name} ${version} has the licence ${license}, which is not allowed`);
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const notice = join(folder, "NOTICE");
  const texts = [file && join(folder, file), existsSync(notice) && notice].filter(Boolean);
  return [`${name} ${version}, ${license}`, ...texts.map((path) => readFileSync(path, "utf8").trim())].join("\n\n");
}
