/** Percent encoding as AWS wants it in signatures and as clients send it. */

export interface QueryParameter {
  readonly name: string;
  /** Empty for a parameter without `=`, such as S3's `?versioning`. */
  readonly value: string;
}

/** Parses `a=b&c`; `+` is a space. An escape that is not valid UTF-8 stays as it is. */
export function parseQuery(query: string): QueryParameter[] {
  const parameters: QueryParameter[] = [];
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = equals < 0 ? pair : pair.slice(0, equals);
    parameters.push({ name: decodeFormText(name), value: equals < 0 ? "" : decodeFormText(pair.slice(equals + 1)) });
  }
  return parameters;
}

function decodeFormText(text: string): string {
  if (!/[%+]/.test(text)) return text;
  return decodePercent(text.replaceAll("+", " ")) ?? text;
}

/** Decodes `%XX` escapes of UTF-8; undefined where they are malformed. */
export function decodePercent(text: string): string | undefined {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Escapes everything but letters, digits and `-._~`. Source: RFC 3986 §2.3, as Signature Version 4 demands. */
export function encodeStrictly(text: string): string {
  if (/^[\w.~-]*$/.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The same with slashes left alone. */
export function encodePath(text: string): string {
  return /^[\w.~/-]*$/.test(text) ? text : text.split("/").map(encodeStrictly).join("/");
}
