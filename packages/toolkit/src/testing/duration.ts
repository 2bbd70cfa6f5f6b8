const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A duration in milliseconds. Texts are such as `20m` or `1h30m`, with the units ms, s, m, h and d.
 *
 * Errors: `TypeError` for a text that is none.
 */
export function milliseconds(duration: string | number): number {
  if (typeof duration === "number") return duration;
  if (!/^(\d+(ms|[smhd]))+$/.test(duration)) {
    throw new TypeError(`"${duration}" is not a duration. Write it like 20m, 24h or 1h30m (units ms, s, m, h, d).`);
  }
  const parts = [...duration.matchAll(/(\d+)(ms|[smhd])/g)];
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (UNITS_MS[unit] ?? 0), 0);
}
