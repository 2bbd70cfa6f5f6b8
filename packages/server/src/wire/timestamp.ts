import type { Member, ScalarShape } from "./model.ts";

export type TimestampFormat = "iso8601" | "rfc822" | "unixTimestamp";

/** The format of a timestamp: the member's, the shape's, else the protocol's. */
export function timestampFormat(member: Member, shape: ScalarShape, otherwise: TimestampFormat): TimestampFormat {
  return member.timestampFormat ?? shape.timestampFormat ?? otherwise;
}

/** Parses a timestamp in any of the formats, as the services do; undefined for anything else. */
export function parseTimestamp(text: string): Date | undefined {
  const at = /^\d+(?:\.\d+)?$/.test(text) ? Math.round(Number(text) * 1_000) : Date.parse(text);
  return Number.isNaN(new Date(at).getTime()) ? undefined : new Date(at);
}

/** Writes epoch milliseconds. `fraction` adds milliseconds to ISO 8601, as S3 has them and the query protocol has not. */
export function formatTimestamp(at: number, format: TimestampFormat, fraction: boolean): string {
  switch (format) {
    case "iso8601": {
      const text = new Date(at).toISOString();
      return fraction ? text : text.replace(/\.\d{3}Z$/, "Z");
    }
    case "rfc822":
      return new Date(at).toUTCString();
    case "unixTimestamp":
      return String(at / 1_000);
  }
}

/** Epoch milliseconds of an output's timestamp, which may also be a `Date`. */
export function epochMs(value: unknown): number {
  return value instanceof Date ? value.getTime() : Number(value);
}
