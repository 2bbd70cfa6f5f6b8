/**
 * A page of the documentation, as its tests read it.
 *
 * What a fence says after its language tells what its block is:
 *
 * - `console`: commands after `$ `, each with the output that it really has. `terminal` shows what a terminal would;
 *   `background` leaves the command running until the page ends, and shows what it says until it is ready.
 * - `sh run`: commands that must succeed; their output is not shown. `sh not-run: reason` is only read.
 * - any language and a file name: the reader makes that file.
 * - `json` and `yaml` without a name are parsed; `text` is only read.
 *
 * A comment `<!-- run` … `-->` holds commands that the reader need not see. They must succeed.
 */
export type Block =
  | {
      readonly type: "console";
      readonly line: number;
      readonly how: "plain" | "terminal" | "background";
      readonly exchanges: readonly Exchange[];
    }
  | { readonly type: "commands"; readonly line: number; readonly text: string }
  | {
      readonly type: "file";
      readonly line: number;
      readonly language: string;
      readonly name: string;
      readonly text: string;
    }
  | { readonly type: "data"; readonly line: number; readonly language: "json" | "yaml"; readonly text: string }
  | { readonly type: "read"; readonly line: number }
  | { readonly type: "unknown"; readonly line: number; readonly info: string };

/** A command and the lines that it is said to print. */
export interface Exchange {
  /** Of the command, counted from 1. */
  readonly line: number;
  readonly command: string;
  /** Of the output; empty when it prints nothing. */
  readonly output: readonly string[];
}

const LANGUAGES_OF_FILES = ["json", "yaml", "python", "ts", "js", "sh", "text"];

/** The blocks of a page, in order. */
export function readPage(text: string): readonly Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  for (let index = 0; index < lines.length; index++) {
    const info = /^(?:```(.+)|<!-- run)$/.exec(lines[index] ?? "");
    if (!info) continue;
    const end = lines.indexOf(info[1] === undefined ? "-->" : "```", index + 1);
    if (end < 0) throw new Error(`line ${index + 1}: the block does not end`);
    const body = lines.slice(index + 1, end);
    blocks.push(info[1] === undefined ? commands(index + 1, body) : toBlock(info[1], index + 1, body));
    index = end;
  }
  return blocks;
}

function commands(line: number, body: readonly string[]): Block {
  return { type: "commands", line, text: body.join("\n") };
}

function toBlock(info: string, line: number, body: readonly string[]): Block {
  const [language = "", word = "", ...rest] = info.split(" ");
  const text = `${body.join("\n")}\n`;
  if (language === "console" && (word === "" || word === "terminal" || word === "background")) {
    return { type: "console", line, how: word || "plain", exchanges: readExchanges(body, line + 1) };
  }
  if (language === "sh" && word === "run") return commands(line, body);
  if (language === "sh" && word === "not-run:" && rest.length > 0) return { type: "read", line };
  if (LANGUAGES_OF_FILES.includes(language) && /^[\w./-]+$/.test(word)) {
    return { type: "file", line, language, name: word, text };
  }
  if ((language === "json" || language === "yaml") && word === "") return { type: "data", line, language, text };
  return language === "text" && word === "" ? { type: "read", line } : { type: "unknown", line, info };
}

/** A line that ends in `\` goes on in the next. */
function readExchanges(body: readonly string[], firstLine: number): readonly Exchange[] {
  const exchanges: { line: number; command: string; output: string[] }[] = [];
  let goesOn = false;
  for (const [index, line] of body.entries()) {
    const last = exchanges.at(-1);
    if (line.startsWith("$ ")) exchanges.push({ line: firstLine + index, command: line.slice(2), output: [] });
    else if (!last) throw new Error(`line ${firstLine + index}: a console block begins with "$ "`);
    else if (goesOn) last.command += `\n${line}`;
    else last.output.push(line);
    goesOn = line.endsWith("\\") && (goesOn || line.startsWith("$ "));
  }
  return exchanges;
}

/** The page with other outputs, by the lines of their commands. */
export function withOutputs(text: string, outputs: ReadonlyMap<number, readonly string[]>): string {
  const lines = text.split("\n");
  const exchanges = readPage(text).flatMap((block) => (block.type === "console" ? block.exchanges : []));
  for (const { line, command, output } of exchanges.toReversed()) {
    const other = outputs.get(line);
    if (other) lines.splice(line - 1 + command.split("\n").length, output.length, ...other);
  }
  return lines.join("\n");
}
