/** Reading Terraform's language by its grammar, as far as `penstock policy` writes it. */
import { createRequire } from "node:module";
import { Language, type Node, Parser } from "web-tree-sitter";

const require = createRequire(import.meta.url);

/** A block such as `resource "aws_iam_role" "name" { … }`, with its members evaluated. */
export interface Block {
  readonly labels: readonly string[];
  readonly members: Readonly<Record<string, unknown>>;
}

/** Throws for a text that the grammar does not take. */
export async function readHcl(text: string): Promise<readonly Block[]> {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(
    await Language.load(require.resolve("@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-terraform.wasm")),
  );
  const root = parser.parse(text)?.rootNode;
  if (!root || root.hasError) throw new Error(`not Terraform:\n${root?.toString()}`);
  return root.descendantsOfType("block").map(toBlock);
}

function toBlock(block: Node): Block {
  const labels = block.namedChildren.filter((node) => node.type === "identifier" || node.type === "string_lit");
  const attributes = block.descendantsOfType("attribute");
  return {
    labels: labels.map((node) => node.text.replaceAll('"', "")),
    members: Object.fromEntries(
      attributes.map((node) => [node.namedChild(0)?.text ?? "", evaluated(node.namedChild(1))]),
    ),
  };
}

/** `jsonencode` gives what it encodes; other expressions give their text. */
function evaluated(node: Node | null): unknown {
  if (!node) return undefined;
  const [only, ...others] = node.namedChildren.filter((child) => !/_(start|end)$/.test(child.type));
  switch (node.type) {
    case "string_lit":
      return JSON.parse(node.text.replaceAll(/([$%])\1(?=\{)/g, "$1"));
    case "tuple":
      return node.namedChildren.filter(({ type }) => type === "expression").map(evaluated);
    case "object":
      return Object.fromEntries(
        node
          .descendantsOfType("object_elem")
          .filter((elem) => elem.parent?.equals(node))
          .map(memberOf),
      );
    case "function_call":
      if (only?.text !== "jsonencode") throw new Error(`what does ${node.text} give?`);
      return evaluated(node.descendantsOfType("expression")[0] ?? null);
    case "variable_expr":
      return node.text;
    default:
      return only && others.length === 0 ? evaluated(only) : node.text;
  }
}

function memberOf(node: Node): [string, unknown] {
  const key = node.childForFieldName("key") ?? node.namedChild(0);
  const value = node.childForFieldName("val") ?? node.namedChild(1);
  return [String(evaluated(key)), evaluated(value)];
}
