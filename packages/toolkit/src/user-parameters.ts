/*
 * UserParameters is one text of at most 1000 characters, or absent; what it means is the function's own business.
 * People write JSON, a query string, or plain text. A schema decides which of these it is: the readings are tried in
 * that order, and the first that the schema accepts counts. Without a schema the first reading counts.
 */

import { ConfigurationError } from "./failure.ts";
import { jsonIn } from "./json.ts";
import { accepted, type StandardSchema } from "./standard-schema.ts";

const QUERY = /^[^\s=&{}[\]"]+=[^&]*(?:&[^\s=&]+=[^&]*)*$/;

/**
 * Reads the parameters through a schema.
 *
 * Absent parameters are given to the schema as `undefined` and, if it refuses that, as `{}`, so that a schema in which
 * everything has a default accepts them.
 * Errors: `ConfigurationError` that says what the schema says.
 */
export async function readParameters(text: string | undefined, schema: StandardSchema | undefined): Promise<unknown> {
  if (text === undefined) {
    return await accepted(schema, [undefined, {}], ([, issues]) =>
      refused("The action has no UserParameters, which", issues),
    );
  }
  const query = QUERY.test(text.trim()) ? [asQuery(text.trim())] : [];
  return await accepted(schema, [...jsonIn(text), ...query, text], ([issues]) =>
    refused(`UserParameters ${quoted(text)}`, issues),
  );
}

const refused = (what: string, issues: string | undefined) =>
  new ConfigurationError(`${what} cannot be used: ${issues}`);

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
