import type { ScalarShape } from "./model.ts";
import { parseTimestamp } from "./timestamp.ts";

/** A scalar's text, wherever it stands; undefined when it is no value of the type. */
export function parseScalar(shape: ScalarShape, text: string): unknown {
  switch (shape.type) {
    case "string":
      return text;
    case "boolean":
      return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined;
    case "integer":
    case "long":
      return /^\s*[+-]?\d{1,19}\s*$/.test(text) ? Number(text) : undefined;
    case "float":
    case "double":
      return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case "timestamp":
      return parseTimestamp(text.trim());
    case "blob":
      return Buffer.from(text, "base64");
  }
}
