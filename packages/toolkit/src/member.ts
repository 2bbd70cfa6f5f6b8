/** A member of anything; what has none, or a getter that throws, counts as undefined. */
export function member(of: unknown, key: string): unknown {
  try {
    return (of as Record<string, unknown>)[key]; // anything can be asked for any key
  } catch {
    return undefined;
  }
}
