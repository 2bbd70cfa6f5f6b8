import { readFileSync } from "node:fs";

/*
 * Which tests there are, read from their files: to ask vitest would start every server. A file has its suites at the
 * margin and names each test in a plain string after `test(` or `test.each(…)(`; what is written otherwise in
 * a file that proves facts is an error here, so that no test is overlooked.
 */

export interface KnownTest {
  /** Without `.test.ts`. */
  readonly file: string;
  /** As written, with the placeholders of `test.each`. */
  readonly title: string;
  /** What its requests, or its functions, are made with. */
  readonly clients: string;
}

/** A beginning of a suite or a test, or the title of the one that began last. */
const TOKEN = /^( *)(describe|test)(?=[.(])|(?<=[)\w]\()\s*"((?:[^"\\]|\\.)*)",\s*(?:async )?(?=\()/gm;

const SDK = "JS v3";

/** By what a suite's clients come from. */
const CLIENTS: readonly (readonly [from: RegExp, clients: string])[] = [
  [/\b(MAKERS|PLAYERS)\b/, "boto3, JS v3 and the AWS CLI"],
  [/\bclients\b|\bboto3\(/, "boto3 and JS v3"],
  [/\bFUNCTIONS\b/, "functions with boto3 and JS v3"],
];

/** The tests of some files of this folder, which are named without `.test.ts`. */
export function knownTests(files: Iterable<string>): readonly KnownTest[] {
  return [...new Set(files)].flatMap((file) => {
    return testsOf(file, readFileSync(new URL(`${file}.test.ts`, import.meta.url), "utf8"));
  });
}

/** The tests in the text of one file. */
export function testsOf(file: string, text: string): readonly KnownTest[] {
  const found: KnownTest[] = [];
  let begun: { readonly indent: string; readonly kind: string; readonly at: number } | undefined;
  let suiteClients = SDK;
  for (const { index, 1: indent = "", 2: kind, 3: title } of text.matchAll(TOKEN)) {
    if (kind !== undefined) {
      if (begun)
        throw new Error(`${file}.test.ts: a ${begun.kind} has no title in a plain string: ${lineAt(text, begun.at)}`);
      begun = { indent, kind, at: index };
    } else if (begun && title !== undefined) {
      if (begun.kind === "test")
        found.push({ file, title: unescaped(title), clients: begun.indent === "" ? SDK : suiteClients });
      else if (begun.indent === "") suiteClients = clientsOf(text.slice(begun.at, index));
      begun = undefined;
    }
  }
  return found;
}

function clientsOf(declaration: string): string {
  return CLIENTS.find(([from]) => from.test(declaration))?.[1] ?? SDK;
}

const unescaped = (title: string) => title.replace(/\\(.)/g, "$1");

const lineAt = (text: string, at: number) => text.slice(at).split("\n", 1)[0] ?? "";
