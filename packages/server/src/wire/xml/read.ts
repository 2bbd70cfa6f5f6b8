/**
 * A reader for the small XML documents that clients send: elements, attributes, text, CDATA, comments and the
 * declaration. No document type and no entities but the five of XML, so nothing can expand or be fetched.
 */

/** Deeper than any document of the services. */
const DEPTH_MAX = 32;
/** `CompleteMultipartUpload` with 10,000 parts and every checksum stays below. */
const ELEMENTS_MAX = 200_000;
/** One tag with its attributes; a namespace or two, and a type. */
const TAG_CHARS_MAX = 4_096;

export interface XmlElement {
  /** As written, without its namespace prefix. */
  readonly name: string;
  /** By their names as written, prefix included. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All text directly inside. */
  readonly text: string;
}

/** Thrown for a text that is not one well-formed element. */
export class XmlError extends Error {
  override readonly name = "XmlError";
}

interface MutableElement {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/** A document being read. */
interface Reading {
  readonly source: string;
  /** The elements that are not closed yet, with their tags as written. */
  readonly open: { readonly tag: string; readonly element: MutableElement }[];
  root: MutableElement | undefined;
  elements: number;
}

/** Reads a document's root element. Throws an `XmlError`. */
export function readXml(source: string): XmlElement {
  const reading: Reading = { source, open: [], root: undefined, elements: 0 };
  let at = source.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < source.length) {
    const start = source.indexOf("<", at);
    addText(reading, source.slice(at, start < 0 ? undefined : start));
    if (start < 0) break;
    at = skipMarkup(reading, start) || readTag(reading, start);
  }
  if (reading.open.length > 0 || !reading.root) throw new XmlError("The document ends early");
  return reading.root;
}

/** The first child of a name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

function current({ open }: Reading): MutableElement | undefined {
  return open.at(-1)?.element;
}

function addText(reading: Reading, text: string): void {
  if (text === "") return;
  const element = current(reading);
  if (element) element.text += decodeEntities(text);
  else if (text.trim() !== "") throw new XmlError("Text outside of the root element");
}

/** Where a comment, a declaration or a CDATA section ends; 0 when there is none. */
function skipMarkup(reading: Reading, start: number): number {
  const { source } = reading;
  if (source.startsWith("<!--", start)) return after(source, "-->", start + 4);
  if (source.startsWith("<?", start)) return after(source, "?>", start + 2);
  if (source.startsWith("<![CDATA[", start)) {
    const end = after(source, "]]>", start + 9);
    const element = current(reading);
    if (!element) throw new XmlError("Text outside of the root element");
    element.text += source.slice(start + 9, end - 3);
    return end;
  }
  if (source.startsWith("<!", start)) throw new XmlError("A document type is not allowed");
  return 0;
}

function after(source: string, mark: string, from: number): number {
  const at = source.indexOf(mark, from);
  if (at < 0) throw new XmlError("The document ends early");
  return at + mark.length;
}

/** The `>` that ends a tag, which may also stand in an attribute's value. */
function tagEnd(source: string, start: number): number {
  let quote = "";
  const last = Math.min(source.length, start + TAG_CHARS_MAX);
  for (let at = start + 1; at < last; at++) {
    const character = source[at] ?? "";
    if (quote) quote = character === quote ? "" : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === ">") return at;
    else if (character === "<") throw new XmlError("A tag inside a tag");
  }
  throw new XmlError(last < source.length ? "A tag is too long" : "The document ends early");
}

/** Opens or closes an element; answers where its tag ends. */
function readTag(reading: Reading, start: number): number {
  const { source, open } = reading;
  const end = tagEnd(source, start);
  if (source[start + 1] === "/") {
    const tag = source.slice(start + 2, end).trimEnd();
    if (open.pop()?.tag !== tag) throw new XmlError(`The tag ${tag} is closed but not open`);
    return end + 1;
  }
  const empty = source[end - 1] === "/";
  const opened = openElement(source.slice(start + 1, empty ? end - 1 : end));
  addElement(reading, opened.element);
  if (!empty && open.push(opened) > DEPTH_MAX) throw new XmlError("Elements are nested too deeply");
  return end + 1;
}

function addElement(reading: Reading, element: MutableElement): void {
  if (++reading.elements > ELEMENTS_MAX) throw new XmlError("Too many elements");
  const parent = current(reading);
  if (parent) parent.children.push(element);
  else if (reading.root) throw new XmlError("More than one root element");
  else reading.root = element;
}

const NAME = /^[A-Za-z_][\w.:-]*/;
const ATTRIBUTE = /\s+([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;

function openElement(tag: string): Reading["open"][number] {
  const name = NAME.exec(tag)?.[0];
  if (!name) throw new XmlError("A tag without a name");
  const attributes: Record<string, string> = Object.create(null);
  let at = name.length;
  while (tag.slice(at).trim() !== "") {
    ATTRIBUTE.lastIndex = at;
    const found = ATTRIBUTE.exec(tag);
    if (!found?.[1] || found[1] in attributes) throw new XmlError(`The tag ${name} is malformed`);
    attributes[found[1]] = decodeEntities(found[2] ?? found[3] ?? "");
    at = ATTRIBUTE.lastIndex;
  }
  const element = { name: name.slice(name.indexOf(":") + 1), attributes, children: [], text: "" };
  return { tag: name, element };
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&([^;&\s]{0,10};?)/g, (_all, reference: string) => {
    if (!reference.endsWith(";")) throw new XmlError("An ampersand is not escaped");
    const name = reference.slice(0, -1);
    const plain = entities[name];
    if (plain !== undefined && Object.hasOwn(entities, name)) return plain;
    const code = /^#x[0-9a-fA-F]{1,6}$/.test(name)
      ? Number.parseInt(name.slice(2), 16)
      : /^#\d{1,7}$/.test(name)
        ? Number(name.slice(1))
        : -1;
    if (code < 0 || code > 0x10ffff) throw new XmlError(`The entity ${name} is unknown`);
    return String.fromCodePoint(code);
  });
}
