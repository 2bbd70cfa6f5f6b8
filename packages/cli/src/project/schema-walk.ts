/** Looking into a valibot schema: which keys it knows at a place. */
import type { GenericSchema } from "valibot";

/** One node of a valibot schema, seen as data. Only the kinds that our schemas use. */
export interface SchemaNode {
  readonly type: string;
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly item?: SchemaNode;
  readonly value?: SchemaNode;
  readonly wrapped?: SchemaNode;
  readonly options?: readonly unknown[];
  readonly pipe?: readonly SchemaPipeItem[];
  readonly getter?: (input: unknown) => SchemaNode;
}

export interface SchemaPipeItem {
  readonly type: string;
  readonly description?: string;
  readonly requirement?: unknown;
}

/** A schema as data. Valibot's objects are plain and have these members, which its types hide. */
export function asNode(schema: GenericSchema): SchemaNode {
  return schema as unknown as SchemaNode; // every valibot schema has `type` and the members of its kind
}

/** Takes `optional`, `nullable` and their like off. */
export function unwrapped(node: SchemaNode): SchemaNode {
  return node.wrapped ? unwrapped(node.wrapped) : node;
}

/** The keys that may stand in the object at a path of `value`; none where it is not an object with fixed keys. */
export function keysAt(schema: GenericSchema, path: readonly (string | number)[], value: unknown): readonly string[] {
  let node: SchemaNode | undefined = asNode(schema);
  let here = value;
  for (const step of path) {
    const open: SchemaNode = opened(node, here);
    node = open.entries?.[step] ?? open.item ?? open.value;
    if (!node) return [];
    here = childOf(here, step);
  }
  return Object.keys(opened(node, here).entries ?? {});
}

/**
 * Where a list stands in the place of a map. Valibot takes an array for an object with keys 0, 1, 2…,
 * which no one who writes a file means.
 */
export function listForMap(schema: GenericSchema, value: unknown): readonly (string | number)[] | undefined {
  return listBelow(asNode(schema), value);
}

function listBelow(node: SchemaNode, value: unknown): readonly (string | number)[] | undefined {
  const inner = opened(node, value);
  if (inner.type === "array") return firstBelow(Array.isArray(value) ? value.entries() : [], () => inner.item);
  if (inner.type !== "record" && inner.type !== "strict_object") return undefined;
  if (Array.isArray(value)) return [];
  if (typeof value !== "object" || value === null) return undefined;
  return firstBelow(Object.entries(value), (key) => inner.entries?.[key] ?? inner.value);
}

function firstBelow(
  children: Iterable<readonly [string | number, unknown]>,
  nodeOf: (key: string | number) => SchemaNode | undefined,
): readonly (string | number)[] | undefined {
  for (const [key, child] of children) {
    const node = nodeOf(key);
    const path = node && listBelow(node, child);
    if (path) return [key, ...path];
  }
  return undefined;
}

function opened(node: SchemaNode, value: unknown): SchemaNode {
  const inner = unwrapped(node);
  return inner.getter ? opened(inner.getter(value), value) : inner;
}

function childOf(value: unknown, step: string | number): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined;
}
