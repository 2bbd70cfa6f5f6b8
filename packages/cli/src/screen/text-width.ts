/** How many columns of a terminal a text takes, and cutting it to fit. */
import { stripVTControlCharacters } from "node:util";

/** Letters of one line that are looked at; no terminal is wider. */
const LETTERS_MAX = 2_000;

const ASCII = /^[\x20-\x7e]*$/;
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;

/** Columns of a text without control characters. East Asian wide letters and emoji take two, combining marks none. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const letter of letters(text)) width += letterWidth(letter);
  return width;
}

/** The longest start of a text that fits; what is cut is shown by `…`. */
export function cutToWidth(text: string, width: number): string {
  if (width <= 0) return "";
  if (textWidth(text) <= width) return text;
  let cut = "";
  let used = 0;
  for (const letter of letters(text)) {
    const wide = letterWidth(letter);
    if (used + wide > width - 1) break;
    cut += letter;
    used += wide;
  }
  return `${cut}…`;
}

/** Pads with spaces to a width. */
export function padToWidth(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}

/** A text as one harmless line: no colours, no cursor movements, no bells, tabs as spaces. */
export function oneLine(text: string): string {
  const short = text.length > LETTERS_MAX ? `${text.slice(0, LETTERS_MAX)}…` : text;
  return stripVTControlCharacters(short)
    .replace(/\t/g, "    ")
    .replace(/\r?\n/g, " ")
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "");
}

function letterWidth(letter: string): number {
  if (ZERO_WIDTH.test(letter)) return 0;
  return WIDE.test(letter) || letter.includes("\ufe0f") ? 2 : 1;
}

let segmenter: Intl.Segmenter | undefined;

function* letters(text: string): Generator<string> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  for (const { segment } of segmenter.segment(text.slice(0, LETTERS_MAX))) yield segment;
}
