import fc from "fast-check";
import { expect, test } from "vitest";
import { readXml, type XmlElement, XmlError } from "./read.ts";
import { attribute, element, escapeXml } from "./write.ts";

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,8}$/);
const text = fc.string({ unit: "binary", maxLength: 20 });

const tree = fc.letrec<{ node: XmlElement }>((tie) => ({
  node: fc.record({
    name,
    attributes: fc.dictionary(name, text, { maxKeys: 3, noNullPrototype: false }),
    text,
    children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie("node"), { maxLength: 3 })),
  }),
})).node;

function write(node: XmlElement): string {
  const attributes = Object.entries(node.attributes).map(([key, value]) => attribute(key, value));
  return element(node.name, escapeXml(node.text) + node.children.map(write).join(""), attributes.join(""));
}

test("what is written is read back", () => {
  fc.assert(
    fc.property(tree, (node) => {
      expect(JSON.parse(JSON.stringify(readXml(`<?xml version="1.0"?>\n${write(node)}\n`)))).toEqual(
        JSON.parse(JSON.stringify(node)),
      );
    }),
    { numRuns: 100 },
  );
});

test("any text is either one element or refused", () => {
  const pieces = fc.array(
    fc.constantFrom(
      "<a>",
      "</a>",
      "<b/>",
      "x",
      "&amp;",
      "&",
      "<!--",
      "-->",
      "<![CDATA[",
      "]]>",
      "<?x?>",
      '<c d="',
      '">',
      "<",
      ">",
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      try {
        expect(readXml(parts.join("")).name).toMatch(/^[abc]$/);
      } catch (error) {
        expect(error).toBeInstanceOf(XmlError);
      }
    }),
    { numRuns: 300 },
  );
});

test("text, sections, entities and namespaces", () => {
  const read = readXml(
    `\uFEFF<?xml version="1.0"?><!-- c --><n:a xmlns:n="u" x='"1"'>1 &lt; &#x1F642;<![CDATA[<&>]]><b/> </n:a>`,
  );
  expect(read).toMatchObject({
    name: "a",
    attributes: { "xmlns:n": "u", x: '"1"' },
    text: "1 < 🙂<&> ",
    children: [{ name: "b", text: "" }],
  });
});

test("what could expand, be fetched or go on for ever is refused", () => {
  const refused = [
    "",
    "text",
    '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    "<a>&b;</a>",
    "<a>&constructor;</a>",
    "<a>&#x110000;</a>",
    "<a></b>",
    "<a><b></a></b>",
    "<a/><b/>",
    "<a/>x",
    "<a x=1/>",
    '<a x="1" x="2"/>',
    "<a",
    "<a>",
    "</a>",
    "<a>".repeat(33) + "</a>".repeat(33),
    `<a ${'b="c" '.repeat(1_000)}/>`,
    `<a>${"<b/>".repeat(200_001)}</a>`,
  ];
  for (const source of refused) expect(() => readXml(source), source.slice(0, 50)).toThrow(XmlError);
});
