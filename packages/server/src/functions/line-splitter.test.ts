import { describe, expect, test } from "vitest";
import { createLineLimiter, createLineSplitter, LINE_BYTES_MAX, LINES_PER_SECOND_MAX } from "./line-splitter.ts";

function open() {
  const lines: string[] = [];
  const clock = { now: 0 };
  const limiter = createLineLimiter(
    (line) => lines.push(line),
    () => clock.now,
  );
  const splitter = createLineSplitter(limiter);
  return { lines, clock, limiter, splitter };
}

describe("lines", () => {
  test.each([
    [["one\ntwo\n"], ["one", "two"]],
    [
      ["o", "ne", "\nt", "wo\n"],
      ["one", "two"],
    ],
    [["\n\n"], ["", ""]],
    [["no newline"], ["no newline"]],
    [["a\r\nb"], ["a\r", "b"]],
    [[], []],
  ])("%j is %j", (chunks, expected) => {
    const { splitter, lines } = open();
    for (const chunk of chunks) splitter.push(Buffer.from(chunk));
    splitter.flush();
    splitter.flush();
    expect(lines).toEqual(expected);
  });

  test("a character that is cut by the border of two chunks is whole again", () => {
    const { splitter, lines } = open();
    for (const byte of Buffer.from("ü😀\n€")) splitter.push(Buffer.from([byte]));
    splitter.flush();
    expect(lines).toEqual(["ü😀", "€"]);
  });

  test("the longest line passes whole; of a longer one the rest is left out, with a note", () => {
    const { splitter, lines } = open();
    splitter.push(Buffer.from(`${"x".repeat(LINE_BYTES_MAX)}\n`));
    splitter.push(Buffer.from("y".repeat(LINE_BYTES_MAX)));
    splitter.push(Buffer.from("zzz"));
    splitter.push(Buffer.from("z\nnext\n"));
    expect(lines).toEqual([
      "x".repeat(LINE_BYTES_MAX),
      `${"y".repeat(LINE_BYTES_MAX)} [4 bytes of this line were left out]`,
      "next",
    ]);
  });

  test("more lines in a second than the limit are left out, and told by number", () => {
    const { splitter, limiter, lines, clock } = open();
    const burst = Buffer.from("x\n".repeat(LINES_PER_SECOND_MAX + 3));
    splitter.push(burst);
    expect(lines).toHaveLength(LINES_PER_SECOND_MAX);
    clock.now = 1000;
    splitter.push(Buffer.from("later\n"));
    expect(lines.slice(-2)).toEqual(["[3 lines were left out: the function writes too fast]", "later"]);
    splitter.push(burst);
    limiter.flush();
    limiter.flush();
    expect(lines.at(-1)).toBe("[4 lines were left out: the function writes too fast]");
  });

  test("more bytes in a second than the limit are left out as well", () => {
    const { splitter, lines } = open();
    const line = Buffer.from(`${"x".repeat(LINE_BYTES_MAX)}\n`);
    for (let i = 0; i < 130; i++) splitter.push(line);
    expect(lines).toHaveLength(128);
  });
});
