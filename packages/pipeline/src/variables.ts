import { RESOLVED_CONFIGURATION_BYTES_MAX } from "./limits.ts";

/**
 * Variables: `#{namespace.key}` in a configuration value is replaced, just before the action runs, by what the action
 * of that namespace put out, by the pipeline's own variable (`variables`) or by a fact of the execution
 * (`codepipeline`).
 *
 * Values are replaced in one pass: a value that holds `#{…}` itself stays as it is. Names are case sensitive.
 * Source: reference §13.
 */

/** What may be referred to: for each namespace its keys and their values. */
export type VariableScope = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One `#{namespace.key}` in a value. */
export interface VariableReference {
  /** As written, such as `#{Build.Version}`. */
  readonly reference: string;
  /** What stands in the braces, such as `Build.Version`. */
  readonly text: string;
  readonly namespace: string;
  readonly key: string;
  /** Where `reference` begins. Unit: UTF-16 code units. */
  readonly index: number;
}

/** A reference that has no value: whether the namespace or only the key is unknown shows in `available`. */
export interface MissingVariable {
  readonly reference: string;
  readonly namespace: string;
  readonly key: string;
  /** The keys that the namespace does have, sorted; empty when there is no such namespace. */
  readonly available: readonly string[];
}

export type ResolvedConfiguration =
  | { readonly ok: true; readonly configuration: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly missing: readonly MissingVariable[] };

/** Namespace of what the service itself knows of an execution. */
export const EXECUTION_NAMESPACE = "codepipeline";

/** Its only key. */
export const EXECUTION_ID_KEY = "PipelineExecutionId";

/** Namespace of the variables that the pipeline declares; free for an action when it declares none. */
export const PIPELINE_NAMESPACE = "variables";

/** What a namespace of a stage rule begins with, as in `#{rule.MyRule.key}`. */
export const RULE_NAMESPACE_PREFIX = "rule.";

/**
 * Replaces every reference of an action's configuration.
 *
 * All that are missing are told, not only the first, each once. Text in the form of no reference is left alone.
 * Source: reference §13; that a missing key fails the action is our choice, as nobody saw what the service does.
 */
export function resolveConfiguration(
  configuration: Readonly<Record<string, string>>,
  scope: VariableScope,
): ResolvedConfiguration {
  const missing = new Map<string, MissingVariable>();
  const resolved = Object.entries(configuration).map(([key, value]) => [key, resolveValue(value, scope, missing)]);
  if (missing.size > 0) return { ok: false, missing: [...missing.values()] };
  return { ok: true, configuration: Object.fromEntries(resolved) };
}

/** The references of a value in their order; a `#{…}` of another form is not one (see `findMalformedReferences`). */
export function findReferences(value: string): VariableReference[] {
  return findBraces(value).flatMap((brace) => parseReference(brace) ?? []);
}

/** The texts in `#{…}` that are no namespace and key separated by a period. */
export function findMalformedReferences(value: string): string[] {
  return findBraces(value).flatMap((brace) => (parseReference(brace) ? [] : [brace.text]));
}

/** A size over the limit. */
export interface SizeProblem {
  readonly sizeBytes: number;
  readonly sizeBytesMax: number;
}

/** Answers the size of a resolved configuration when it is over `RESOLVED_CONFIGURATION_BYTES_MAX`. */
export function findSizeProblem(configuration: Readonly<Record<string, string>>): SizeProblem | undefined {
  const encoder = new TextEncoder();
  let sizeBytes = 0;
  for (const value of Object.values(configuration)) sizeBytes += encoder.encode(value).byteLength;
  if (sizeBytes <= RESOLVED_CONFIGURATION_BYTES_MAX) return undefined;
  return { sizeBytes, sizeBytesMax: RESOLVED_CONFIGURATION_BYTES_MAX };
}

/** What people read when a reference has no value. Values are never shown. */
export function describeMissing({ reference, namespace, key, available }: MissingVariable): string {
  if (available.length === 0) return `${reference} has no value: nothing was put out under the namespace ${namespace}.`;
  return `${reference} has no value: ${namespace} has no variable ${key}. It has ${available.join(", ")}.`;
}

const BRACES = /#\{([^{}]*)\}/g;
const REFERENCE = /^(rule\.[A-Za-z0-9.@\-_]+|[A-Za-z0-9@\-_]+)\.([A-Za-z0-9@\-_]+)$/;

interface Brace {
  readonly reference: string;
  readonly text: string;
  readonly index: number;
}

function findBraces(value: string): Brace[] {
  if (!value.includes("#{")) return [];
  return Array.from(value.matchAll(BRACES), (match) => ({
    reference: match[0],
    text: match[1] ?? "",
    index: match.index,
  }));
}

function parseReference(brace: Brace): VariableReference | undefined {
  const [, namespace, key] = REFERENCE.exec(brace.text) ?? [];
  if (namespace === undefined || key === undefined) return undefined;
  return { ...brace, namespace, key };
}

function resolveValue(value: string, scope: VariableScope, missing: Map<string, MissingVariable>): string {
  if (!value.includes("#{")) return value;
  // A function, so that `$&` and the like in a variable's value mean nothing.
  return value.replace(BRACES, (reference: string, text: string, index: number) => {
    const parsed = parseReference({ reference, text, index });
    if (!parsed) return reference;
    const found = lookUp(parsed, scope);
    if (found === undefined) missing.set(reference, toMissing(parsed, scope));
    return found ?? reference;
  });
}

/** The value of a reference, if there is one. */
export function lookUp({ namespace, key }: VariableReference, scope: VariableScope): string | undefined {
  const keys = keysOf(namespace, scope);
  return Object.hasOwn(keys, key) ? keys[key] : undefined;
}

function toMissing({ reference, namespace, key }: VariableReference, scope: VariableScope): MissingVariable {
  return { reference, namespace, key, available: Object.keys(keysOf(namespace, scope)).sort() };
}

/** Only own members count, so that a namespace `constructor` is as unknown as any other. */
function keysOf(namespace: string, scope: VariableScope): Readonly<Record<string, string>> {
  return (Object.hasOwn(scope, namespace) ? scope[namespace] : undefined) ?? {};
}
