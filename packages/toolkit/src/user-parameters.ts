/*
 * UserParameters is one text of at most 1000 characters, or absent; what it means is the function's own business.
 * People write JSON, a query string, or plain text. A schema decides which of these it is: the readings are tried in
 * that order, and the first that the schema accepts counts. Without a schema the first reading counts.
 */

import { ConfigurationError } from "./failure.ts";
import { issuesText, type SchemaIssue, type StandardSchema } from "./standard-schema.ts";

/** What can be read from a JSON text. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

const QUERY = /^[^\s=&{}[\]"]+=[^&]*(?:&[^\s=&]+=[^&]*)*$/;

/**
 * Reads the parameters through a schema.
 *
 * Absent parameters are given to the schema as `undefined` and, if it refuses that, as `{}`, so that a schema in which
 * everything has a default accepts them.
 * Errors: `ConfigurationError` that says what the schema says.
 */
export async function readParameters(text: string | undefined, schema: StandardSchema | undefined): Promise<unknown> {
  const readings = readingsOf(text);
  if (!schema) return readings[0];
  let firstIssues: readonly SchemaIssue[] | undefined;
  for (const reading of readings) {
    const result = await schema["~standard"].validate(reading);
    if (!result.issues) return result.value;
    firstIssues = text === undefined ? result.issues : (firstIssues ?? result.issues);
  }
  const what = text === undefined ? "The action has no UserParameters, which" : `UserParameters ${quoted(text)}`;
  throw new ConfigurationError(`${what} cannot be used: ${issuesText(firstIssues ?? [])}`);
}

function readingsOf(text: string | undefined): readonly unknown[] {
  if (text === undefined) return [undefined, {}];
  const json = asJson(text);
  return [...(json ? [json.value] : []), ...(QUERY.test(text.trim()) ? [asQuery(text.trim())] : []), text];
}

function asJson(text: string): { readonly value: JsonValue } | undefined {
  try {
    return { value: JSON.parse(text) as JsonValue }; // what JSON.parse makes
  } catch {
    return undefined;
  }
}

/** A key that comes several times has a list of its values. */
function asQuery(text: string): Readonly<Record<string, string | readonly string[]>> {
  const query = new URLSearchParams(text);
  const keys = [...new Set(query.keys())];
  return Object.fromEntries(
    keys.map((key) => {
      const values = query.getAll(key);
      return [key, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}

const SHOWN_CHARACTERS_MAX = 200;
const quoted = (text: string) =>
  JSON.stringify(text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text);
