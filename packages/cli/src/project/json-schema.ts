/** The JSON Schema of `penstock.yaml`, made from the schema that reads it. */
import type { GenericSchema } from "valibot";
import { penstockSchema } from "./penstock-schema.ts";
import { asNode, type SchemaNode, unwrapped } from "./schema-walk.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** What is published as `schema/penstock.schema.json`. */
export function penstockJsonSchema(): JsonSchema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "penstock.yaml",
    description: "What a pipeline needs beside its declaration: functions, roles, buckets, inputs.",
    ...toJsonSchema(penstockSchema),
  };
}

/** Throws for a kind of schema that it does not know, so that none is published half. */
export function toJsonSchema(schema: GenericSchema): JsonSchema {
  return ofNode(asNode(schema));
}

function ofNode(node: SchemaNode): JsonSchema {
  return { ...ofKind(node), ...ofPipe(node) };
}

function ofKind(node: SchemaNode): JsonSchema {
  switch (node.type) {
    case "string":
    case "number":
    case "boolean":
      return { type: node.type };
    case "unknown":
      return {};
    case "picklist":
      return { enum: node.options };
    case "optional":
      return ofNode(child(node.wrapped));
    case "nullable":
      return { anyOf: [ofNode(child(node.wrapped)), { type: "null" }] };
    case "array":
      return { type: "array", items: ofNode(child(node.item)) };
    case "record":
      return { type: "object", additionalProperties: ofNode(child(node.value)) };
    case "union":
      // Options of a union are schemas; only those of a picklist are plain values.
      return { anyOf: (node.options as readonly SchemaNode[]).map(ofNode) };
    case "lazy":
      return { anyOf: [[], {}].map((input) => ofNode(child(node.getter?.(input)))) };
    case "strict_object":
      return ofObject(node.entries ?? {});
  }
  throw new Error(`no JSON Schema is known for a valibot schema of type ${node.type}`);
}

function ofObject(entries: Readonly<Record<string, SchemaNode>>): JsonSchema {
  const required = Object.keys(entries).filter((key) => entries[key]?.type !== "optional");
  return {
    type: "object",
    properties: Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, ofNode(entry)])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

function ofPipe(node: SchemaNode): JsonSchema {
  const found: Record<string, unknown> = {};
  const [inner, ...steps] = node.pipe ?? [];
  // The first item of a pipe is the schema itself, which may be a pipe of its own.
  if (inner) Object.assign(found, ofPipe(unwrapped(inner as SchemaNode & typeof inner)));
  for (const step of steps) {
    if (step.type === "description") found["description"] = step.description;
    if (step.type === "integer") found["type"] = "integer";
    if (step.type === "min_value") found["minimum"] = step.requirement;
    if (step.type === "max_value") found["maximum"] = step.requirement;
    if (step.type === "regex" && step.requirement instanceof RegExp) found["pattern"] = step.requirement.source;
  }
  return found;
}

function child(node: SchemaNode | undefined): SchemaNode {
  if (!node) throw new Error("a valibot schema lacks the part that its type promises");
  return node;
}
