/* What the model of the public API says of each symbol, in a form that pages and tests can use. */

import type { Entry, PublicApi } from "./public-api.ts";

/** An exported symbol, or a member of one. */
export interface Documented {
  readonly name: string;
  readonly kind: string;
  /** As it is declared, without `export`. */
  readonly signature: string;
  /** Markdown, without examples. */
  readonly text: string;
  readonly examples: readonly string[];
  readonly members: readonly Documented[];
}

/** A node of API Extractor's model, as far as it is read here. */
interface ModelNode {
  readonly kind: string;
  readonly name?: string;
  readonly docComment?: string;
  readonly excerptTokens?: readonly { readonly text: string }[];
  readonly members?: readonly ModelNode[];
}

/** The symbols that an entry exports, sorted by name. */
export function documentedOf({ model }: PublicApi): readonly Documented[] {
  const { members: entries = [] } = JSON.parse(model) as ModelNode; // as API Extractor wrote it
  return entries.flatMap(({ members = [] }) => members.map(toDocumented));
}

function toDocumented({ kind, name = "", docComment = "", excerptTokens = [], members = [] }: ModelNode): Documented {
  const [text = "", ...examples] = plainComment(docComment).split(/^@example\n/m);
  const signature = excerptTokens.map((token) => token.text).join("");
  return {
    name: name.replace(/^"(.*)"$/, "$1"),
    kind,
    signature: signature.replace(/^export (declare )?/, "").replace(/;$/, ""),
    text: text.trim(),
    examples: examples.map((example) => example.trim().replace(/^```ts\n|\n```$/g, "")),
    members: members.map(toDocumented),
  };
}

function plainComment(comment: string): string {
  const lines = comment.split("\n").map((line) => line.replace(/^\s*\*( |$)/, ""));
  return comment.startsWith("/**\n")
    ? lines
        .slice(1, -1)
        .join("\n")
        .replace(/\n \*\/$/, "")
    : comment.replace(/^\/\*\* | \*\/$/g, "");
}

/** The examples of all symbols and members, by their places. */
export function examplesOf(symbols: readonly Documented[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = ({ examples, members }: Documented, place: string) => {
    // Overloads have one name.
    for (const code of examples) found.set(found.has(place) ? `${place}, again` : place, code);
    for (const member of members) visit(member, `${place}.${member.name}`);
  };
  for (const symbol of symbols) visit(symbol, symbol.name);
  return found;
}

export const isCallable = ({ kind }: Documented) => kind === "Function" || kind === "MethodSignature";

/** What documentation lacks that every symbol must have. */
export function lacks(symbol: Documented, owner?: Documented): readonly string[] {
  const place = owner ? `${owner.name}.${symbol.name}` : symbol.name;
  const isNumber = /^(readonly )?\w+\??: number\b/.test(symbol.signature);
  const isMeasured = isNumber || /\): number$/.test(symbol.signature);
  return [
    ...(symbol.text === "" ? [`${place} says nothing`] : []),
    ...((!owner || isCallable(symbol)) && symbol.examples.length === 0 ? [`${place} has no example`] : []),
    ...(isCallable(symbol) && !/\bErrors\b/.test(symbol.text) ? [`${place} does not tell its errors`] : []),
    ...(isMeasured && !/\bUnit: /.test(symbol.text) ? [`${place} has no unit`] : []),
    ...symbol.members.flatMap((member) => lacks(member, symbol)),
  ];
}

/** Where an entry's page is. */
export const pageOf = ({ name }: Entry) => `docs/reference/${name}.md`;
