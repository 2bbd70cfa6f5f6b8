import { expect, test } from "vitest";
import { plainPaint, span } from "./line.ts";
import { LiveRegion } from "./live-region.ts";

const TOKENS = new RegExp(`${String.fromCharCode(27)}\\[[?\\d]*[A-Za-z]|[\\s\\S]`, "g");

/** A terminal of endless height that obeys what a region sends; a token that it does not know shows up as text. */
class TestTerminal {
  columns = 20;
  rows = 6;
  cursorIsShown = true;
  readonly written: string[] = [];
  #screen: string[] = [""];
  #row = 0;
  #typed = "";

  write(text: string): void {
    this.written.push(text);
    for (const [token] of text.matchAll(TOKENS)) this.#obey(token);
  }

  get lines(): readonly string[] {
    return this.#screen.map((line) => line.trimEnd());
  }

  #obey(token: string): void {
    if (token.startsWith("\x1b[?2026")) return;
    if (token === "\x1b[?25l") this.cursorIsShown = false;
    else if (token === "\x1b[?25h") this.cursorIsShown = true;
    else if (token === "\x1b[J") this.#screen = [...this.#screen.slice(0, this.#row), ""];
    else if (token === "\x1b[K") this.#screen[this.#row] = this.#typed;
    else if (token.endsWith("A") && token.length > 1) this.#moveTo(this.#row - Number(token.slice(2, -1)));
    else if (token === "\r") this.#typed = "";
    else if (token === "\n") this.#moveTo(this.#row + 1);
    else this.#type(token);
  }

  #moveTo(row: number): void {
    this.#row = row;
    this.#typed = "";
    while (this.#screen.length <= row) this.#screen.push("");
  }

  #type(letter: string): void {
    this.#typed += letter;
    this.#screen[this.#row] = this.#typed + (this.#screen[this.#row] ?? "").slice(this.#typed.length);
  }
}

const lines = (...texts: string[]) => texts.map((text) => [span(text)]);

test("a repaint takes the place of the one before, longer or shorter", () => {
  const terminal = new TestTerminal();
  const region = new LiveRegion(terminal, plainPaint);
  region.draw(lines("one", "two", "three"));
  expect(terminal.lines).toEqual(["one", "two", "three", ""]);
  region.draw(lines("1", "two"));
  expect(terminal.lines).toEqual(["1", "two", ""]);
  region.draw(lines("1", "2", "3", "4"));
  expect(terminal.lines).toEqual(["1", "2", "3", "4", ""]);
  region.clear();
  expect(terminal.lines).toEqual([""]);
  region.close();
});

test("lines are cut to the window, in width and in height", () => {
  const terminal = new TestTerminal();
  const region = new LiveRegion(terminal, plainPaint);
  region.draw(lines("x".repeat(30), "日".repeat(15), "3", "4", "5", "6", "7"));
  expect(terminal.lines).toEqual([`${"x".repeat(18)}…`, `${"日".repeat(9)}…`, "3", "4", "5", ""]);
  expect(region.height).toBe(5);
  region.close();
});

test("rows that a narrower window wrapped are counted", () => {
  const terminal = new TestTerminal();
  const region = new LiveRegion(terminal, plainPaint);
  region.draw(lines("x".repeat(19), "y"));
  terminal.columns = 10;
  region.draw(lines("z"));
  expect(terminal.written.at(-1)).toContain("\x1b[3A");
  region.close();
});

test("what has not changed is not written again", () => {
  const terminal = new TestTerminal();
  const region = new LiveRegion(terminal, plainPaint);
  region.draw(lines("same", "old"));
  region.draw(lines("same", "new"));
  expect(terminal.written.at(-1)).not.toContain("same");
  expect(terminal.lines).toEqual(["same", "new", ""]);
  region.close();
});

test("the cursor is hidden while painting, and shown once at the end", () => {
  const terminal = new TestTerminal();
  const region = new LiveRegion(terminal, plainPaint);
  const listeners = process.listenerCount("exit");
  region.draw(lines("a"));
  expect(terminal.cursorIsShown).toBe(false);
  expect(process.listenerCount("exit")).toBe(listeners + 1);
  region.close();
  region.close();
  expect(terminal.cursorIsShown).toBe(true);
  expect(process.listenerCount("exit")).toBe(listeners);
});
