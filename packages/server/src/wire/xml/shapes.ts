/** XML elements to inputs, and outputs to XML elements, by the model. Shared by S3's protocol and the query protocol. */
import { InvariantError } from "../error.ts";
import {
  type ListShape,
  type MapShape,
  type Member,
  type ServiceModel,
  type StructureShape,
  setOwn,
  shapeOf,
} from "../model.ts";
import { parseScalar } from "../scalar.ts";
import { epochMs, formatTimestamp, timestampFormat } from "../timestamp.ts";
import { childOf, type XmlElement, XmlError } from "./read.ts";
import { attribute, element, escapeXml } from "./write.ts";

/** Reads the value of a member from its element. Throws an `XmlError` for a value of the wrong type. */
export function decodeXml(model: ServiceModel, member: Member, source: XmlElement): unknown {
  const shape = shapeOf(model, member.shape);
  switch (shape.type) {
    case "structure":
      return decodeStructure(model, shape, source);
    case "list":
      return source.children
        .filter(({ name }) => name === itemName(shape))
        .map((child) => decodeXml(model, shape.member, child));
    case "map":
      return decodeMap(model, shape, source.children);
    default: {
      const value = parseScalar(shape, source.text);
      if (value === undefined) throw new XmlError(`${source.name} has no value of its type`);
      return value;
    }
  }
}

function decodeStructure(model: ServiceModel, shape: StructureShape, source: XmlElement): Record<string, unknown> {
  const structure: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(shape.members)) {
    if (member.location) continue;
    const value = member.xmlAttribute
      ? source.attributes[member.locationName ?? name]
      : decodeMember(model, name, member, source);
    if (value !== undefined) structure[name] = value;
  }
  return structure;
}

function decodeMember(model: ServiceModel, name: string, member: Member, source: XmlElement): unknown {
  const shape = shapeOf(model, member.shape);
  const wireName = member.locationName ?? name;
  if (shape.type === "list" && isFlat(shape, member)) {
    const wanted = shape.member.locationName ?? wireName;
    const items = source.children.filter((child) => child.name === wanted);
    return items.length > 0 ? items.map((child) => decodeXml(model, shape.member, child)) : undefined;
  }
  const child = childOf(source, wireName);
  return child && decodeXml(model, member, child);
}

function decodeMap(model: ServiceModel, shape: MapShape, entries: readonly XmlElement[]): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  for (const entry of entries) {
    const key = childOf(entry, shape.key.locationName ?? "key");
    const value = childOf(entry, shape.value.locationName ?? "value");
    if (!key || !value) throw new XmlError(`${entry.name} has no key or no value`);
    setOwn(map, key.text, decodeXml(model, shape.value, value));
  }
  return map;
}

function isFlat(shape: ListShape, member: Member): boolean {
  return shape.flattened === true || member.flattened === true;
}

function itemName(shape: ListShape): string {
  return shape.member.locationName ?? "member";
}

/** How a service writes timestamps in its documents: S3 with milliseconds, the query protocol without. */
export interface XmlStyle {
  readonly fraction: boolean;
}

/** Writes the named members of a structure as elements, one after the other. */
export function encodeXmlMembers(
  model: ServiceModel,
  shape: StructureShape,
  names: readonly string[],
  value: Readonly<Record<string, unknown>>,
  style: XmlStyle,
): string {
  let markup = "";
  for (const name of names) {
    const member = shape.members[name];
    const item = value[name];
    if (member && !member.xmlAttribute && item !== undefined && item !== null) {
      markup += encodeMember(model, member.locationName ?? name, member, item, style);
    }
  }
  return markup;
}

/** Writes a value as an element of a name, or a flattened list as several. */
export function encodeMember(
  model: ServiceModel,
  name: string,
  member: Member,
  value: unknown,
  style: XmlStyle,
): string {
  const shape = shapeOf(model, member.shape);
  switch (shape.type) {
    case "structure": {
      const structure = asRecord(value, member.shape);
      const markup = encodeXmlMembers(model, shape, Object.keys(shape.members), structure, style);
      return element(name, markup, attributesOf(shape, structure));
    }
    case "list": {
      if (!Array.isArray(value)) throw new InvariantError(`An output has no list where ${member.shape} is wanted`);
      const flat = isFlat(shape, member);
      const each = flat ? (shape.member.locationName ?? name) : itemName(shape);
      const items = value.map((item) => encodeMember(model, each, shape.member, item, style)).join("");
      return flat ? items : element(name, items);
    }
    case "map": {
      const entries = Object.entries(asRecord(value, member.shape)).map(([key, item]) =>
        element(
          "entry",
          element(shape.key.locationName ?? "key", escapeXml(key)) +
            encodeMember(model, shape.value.locationName ?? "value", shape.value, item, style),
        ),
      );
      return element(name, entries.join(""));
    }
    case "timestamp": {
      const format = timestampFormat(member, shape, "iso8601");
      return element(name, formatTimestamp(epochMs(value), format, style.fraction));
    }
    case "blob":
      return element(name, value instanceof Uint8Array ? Buffer.from(value).toString("base64") : "");
    default:
      return element(name, escapeXml(String(value)));
  }
}

function attributesOf(shape: StructureShape, value: Readonly<Record<string, unknown>>): string {
  let text = "";
  const { xmlNamespace } = shape;
  if (xmlNamespace) text += attribute(xmlNamespace.prefix ? `xmlns:${xmlNamespace.prefix}` : "xmlns", xmlNamespace.uri);
  for (const [name, member] of Object.entries(shape.members)) {
    if (!member.xmlAttribute || value[name] === undefined) continue;
    if (member.xmlNamespace?.prefix && !xmlNamespace)
      text += attribute(`xmlns:${member.xmlNamespace.prefix}`, member.xmlNamespace.uri);
    text += attribute(member.locationName ?? name, String(value[name]));
  }
  return text;
}

function asRecord(value: unknown, shapeName: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null)
    throw new InvariantError(`An output has no structure where ${shapeName} is wanted`);
  return value as Readonly<Record<string, unknown>>; // Just checked.
}
