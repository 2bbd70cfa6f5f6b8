/** What a text says as JSON: a list of one value, or of none when it is no JSON. */
export function jsonIn(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}
