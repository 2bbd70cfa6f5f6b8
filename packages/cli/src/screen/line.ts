/** Lines as values: what a renderer answers, before colours and a terminal's width come to it. */
import { cutToWidth, textWidth } from "./text-width.ts";

export type Style = "good" | "bad" | "busy" | "warn" | "quiet" | "strong";

export interface Span {
  readonly text: string;
  readonly style?: Style;
}

export type Line = readonly Span[];

/** Paints one span. */
export type Paint = (text: string, style: Style | undefined) => string;

export function span(text: string, style?: Style): Span {
  return style ? { text, style } : { text };
}

/** Cuts a line to a width in columns. */
export function fitLine(line: Line, width: number): Line {
  const fitted: Span[] = [];
  let left = width;
  for (const [index, part] of line.entries()) {
    const wide = textWidth(part.text);
    const more = line.slice(index + 1).some(({ text }) => text !== "");
    // The cut must be shown even where a span ends just at the edge.
    const text =
      wide < left || (wide === left && !more) ? part.text : cutToWidth(`${part.text}${more ? " " : ""}`, left);
    fitted.push({ ...part, text });
    left -= textWidth(text);
    if (text !== part.text) break;
  }
  return fitted;
}

/** The text of a line, painted. */
export function paintLine(line: Line, paint: Paint): string {
  return line
    .map(({ text, style }) => paint(text, style))
    .join("")
    .trimEnd();
}

/** No colours. */
export const plainPaint: Paint = (text) => text;
