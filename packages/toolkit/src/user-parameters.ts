/*
 * UserParameters is one text of at most 1000 characters, or absent; what it means is the function's own business.
 * People write JSON, a query string, or plain text. A schema decides which of these it is: the readings are tried in
 * that order, and the first that the schema accepts counts. Without a schema the first reading counts.
 */

import { ConfigurationError } from "./failure.ts";
import { jsonIn } from "./json.ts";
import { SHOWN_CHARACTERS_MAX } from "./limits.ts";
import { cutText } from "./message.ts";
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
    const what = "The action has no UserParameters, which cannot be used";
    return await accepted(schema, [undefined, {}], ConfigurationError, what, 1);
  }
  const trimmed = text.trim();
  const query = QUERY.test(trimmed) ? [asQuery(trimmed)] : [];
  const what = `UserParameters ${JSON.stringify(cutText(text, SHOWN_CHARACTERS_MAX))} cannot be used`;
  return await accepted(schema, [...jsonIn(text), ...query, text], ConfigurationError, what);
}

/** A key that comes several times has a list of its values. */
function asQuery(text: string): Readonly<Record<string, string | readonly string[]>> {
  const query = new URLSearchParams(text);
  return Object.fromEntries(
    [...query].map(([key, value]) => {
      const values = query.getAll(key);
      return [key, values.length > 1 ? values : value];
    }),
  );
}
