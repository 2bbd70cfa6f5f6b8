import { type Paint, plainPaint } from "./line.ts";

/** What is looked at of a stream and the environment to choose colours. */
export interface ColourSource {
  readonly isTTY?: boolean;
}

/** `NO_COLOR` wins over `FORCE_COLOR`, and both over what the stream is. Source: no-color.org, force-color.org. */
export function wantsColour(stream: ColourSource, environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment["NO_COLOR"]) return false;
  const forced = environment["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTerminal(stream, environment);
}

/** Whether the cursor can be moved about. */
export function isTerminal(stream: ColourSource, environment: Readonly<Record<string, string | undefined>>): boolean {
  return stream.isTTY === true && environment["TERM"] !== "dumb";
}

/** The colours, loaded only where they are wanted. */
export async function loadPaint(wanted: boolean): Promise<Paint> {
  if (!wanted) return plainPaint;
  const { default: picocolors } = await import("picocolors");
  const colours = picocolors.createColors(true);
  const byStyle = {
    good: colours.green,
    bad: colours.red,
    busy: colours.cyan,
    warn: colours.yellow,
    quiet: colours.dim,
    strong: colours.bold,
  };
  return (text, style) => (style && text !== "" ? byStyle[style](text) : text);
}
