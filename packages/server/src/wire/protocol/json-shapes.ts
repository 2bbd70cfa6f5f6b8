/** JSON documents to inputs, and outputs to JSON documents; compiled per shape. */
import { InvariantError, ServiceError } from "../error.ts";
import {
  perShape,
  type ScalarShape,
  type ServiceModel,
  type StructureShape,
  setOwn,
  shapeOf,
  structureOf,
} from "../model.ts";
import { epochMs, parseTimestamp } from "../timestamp.ts";

type Convert = (value: unknown) => unknown;

/** The error for a document that is not JSON, or has the wrong type somewhere. */
export function serializationError(message = ""): ServiceError {
  return new ServiceError("SerializationException", message);
}

/** Parses a body; its root must be an object. Throws `SerializationException` without a message (reference §1.2). */
export function parseJsonObject(body: Buffer): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = JSON.parse(body.toString("utf8"));
  } catch {
    throw serializationError();
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) throw serializationError();
  return document as Readonly<Record<string, unknown>>; // Just checked.
}

/** Makes an input, or a part of one: unknown members are left out, nulls count as absent. */
export function decodeJson(model: ServiceModel, shapeName: string, document: unknown): unknown {
  return decoderOf(model, shapeName)(document);
}

/** Decodes only some members of a structure: those that a REST request has in its body. */
export function decodeJsonMembers(
  model: ServiceModel,
  names: readonly string[],
  shapeName: string,
  document: Readonly<Record<string, unknown>>,
  into: Record<string, unknown>,
): void {
  const { members } = structureOf(model, shapeName);
  for (const name of names) {
    const member = members[name];
    const value = document[member?.locationName ?? name];
    if (member && value !== undefined && value !== null) into[name] = decoderOf(model, member.shape)(value);
  }
}

const decoderOf = perShape((model: ServiceModel, name: string): Convert => {
  const shape = shapeOf(model, name);
  switch (shape.type) {
    case "structure":
      return decodeStructure(model, shape);
    case "list": {
      const item = decoderOf(model, shape.member.shape);
      return (value) => {
        if (!Array.isArray(value)) throw serializationError(isObject(value) ? mapUnexpected : "Expected list or null");
        return value.filter((one) => one !== null).map(item);
      };
    }
    case "map": {
      const item = decoderOf(model, shape.value.shape);
      return (value) => {
        if (!isObject(value)) throw serializationError(Array.isArray(value) ? listUnexpected : "Expected map or null");
        const map: Record<string, unknown> = {};
        for (const key of Object.keys(value)) if (value[key] !== null) setOwn(map, key, item(value[key]));
        return map;
      };
    }
    default:
      return decodeScalar(shape);
  }
});

const mapUnexpected = "Start of structure or map found where not expected.";
const listUnexpected = "Start of list found where not expected";

function decodeStructure(model: ServiceModel, shape: StructureShape): Convert {
  const members = Object.entries(shape.members).map(([name, member]) => ({
    name,
    wireName: member.locationName ?? name,
    decode: decoderOf(model, member.shape),
  }));
  return (value) => {
    if (!isObject(value))
      throw serializationError(Array.isArray(value) ? listUnexpected : "Unexpected value type in payload");
    const structure: Record<string, unknown> = {};
    for (const { name, wireName, decode } of members) {
      const item = value[wireName];
      if (item !== undefined && item !== null) structure[name] = decode(item);
    }
    return structure;
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Texts as the services' parser gives them. Source: error reports of clients; CodePipeline's own were not observed. */
function wrongType(value: unknown, wanted: string): ServiceError {
  if (Array.isArray(value)) return serializationError(listUnexpected);
  if (typeof value === "object") return serializationError(mapUnexpected);
  const token =
    typeof value === "boolean" ? String(value).toUpperCase() : typeof value === "number" ? "NUMBER" : "STRING";
  return serializationError(`${token}_VALUE can not be converted to ${/^[AEIOU]/.test(wanted) ? "an" : "a"} ${wanted}`);
}

function decodeScalar(shape: ScalarShape): Convert {
  switch (shape.type) {
    case "string":
      return (value) => {
        if (typeof value !== "string") throw wrongType(value, "String");
        return value;
      };
    case "boolean":
      return (value) => {
        if (typeof value !== "boolean") throw wrongType(value, "Boolean");
        return value;
      };
    case "integer":
    case "long": {
      const wanted = shape.type === "integer" ? "Integer" : "Long";
      return (value) => {
        if (typeof value !== "number") throw wrongType(value, wanted);
        return Math.trunc(value);
      };
    }
    case "float":
    case "double":
      return (value) => {
        if (typeof value !== "number") throw wrongType(value, "Double");
        return value;
      };
    case "timestamp":
      return decodeTimestamp;
    case "blob":
      return decodeBlob;
  }
}

function decodeTimestamp(value: unknown): Date {
  if (typeof value === "number") {
    const at = new Date(Math.round(value * 1_000));
    if (!Number.isNaN(at.getTime())) return at;
  }
  const at = typeof value === "string" ? parseTimestamp(value) : undefined;
  if (!at) throw wrongType(value, "Timestamp");
  return at;
}

function decodeBlob(value: unknown): Buffer {
  if (typeof value !== "string") throw wrongType(value, "Blob");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value)) throw serializationError("The blob is not Base64");
  return Buffer.from(value, "base64");
}

/** Makes a JSON document of an output: only what the model has, timestamps as epoch seconds, blobs as Base64. */
export function encodeJson(model: ServiceModel, shapeName: string, output: unknown): unknown {
  return encoderOf(model, shapeName)(output);
}

/** Encodes only some members of a structure: those that a REST reply has in its body. */
export function encodeJsonMembers(
  model: ServiceModel,
  names: readonly string[],
  shapeName: string,
  output: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { members } = structureOf(model, shapeName);
  const document: Record<string, unknown> = {};
  for (const name of names) {
    const member = members[name];
    const value = output[name];
    if (member && value !== undefined && value !== null) {
      document[member.locationName ?? name] = encoderOf(model, member.shape)(value);
    }
  }
  return document;
}

const encoderOf = perShape((model: ServiceModel, name: string): Convert => {
  const shape = shapeOf(model, name);
  switch (shape.type) {
    case "structure":
      return encodeStructure(model, shape);
    case "list": {
      const item = encoderOf(model, shape.member.shape);
      return (value) => {
        if (!Array.isArray(value)) throw new InvariantError(`An output has no list where ${name} is wanted`);
        return value.map(item);
      };
    }
    case "map": {
      const item = encoderOf(model, shape.value.shape);
      return (value) => {
        if (!isObject(value)) throw new InvariantError(`An output has no map where ${name} is wanted`);
        const map: Record<string, unknown> = {};
        for (const key of Object.keys(value)) if (value[key] !== undefined) setOwn(map, key, item(value[key]));
        return map;
      };
    }
    case "timestamp":
      return (value) => epochMs(value) / 1_000;
    case "blob":
      return encodeBlob;
    default:
      return asItIs;
  }
});

const asItIs: Convert = (value) => value;

function encodeBlob(value: unknown): string {
  if (!(value instanceof Uint8Array)) throw new InvariantError("An output has no bytes where a blob is wanted");
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
}

function encodeStructure(model: ServiceModel, shape: StructureShape): Convert {
  const members = Object.entries(shape.members).map(([name, member]) => ({
    name,
    wireName: member.locationName ?? name,
    encode: encoderOf(model, member.shape),
  }));
  return (value) => {
    if (!isObject(value)) throw new InvariantError("An output has no structure where one is wanted");
    const document: Record<string, unknown> = {};
    for (const { name, wireName, encode } of members) {
      const item = value[name];
      if (item !== undefined && item !== null) document[wireName] = encode(item);
    }
    return document;
  };
}
