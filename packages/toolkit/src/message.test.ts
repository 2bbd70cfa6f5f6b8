import { expect, test } from "vitest";
import { MESSAGE_CHARACTERS_MAX } from "./limits.ts";
import { cutText, reportedMessage } from "./message.ts";

test.each([
  ["abcd", 4, "abcd"],
  ["abcde", 4, "abc…"],
  ["ab🚀cd", 5, "ab🚀…"], // 6 units; the last but one is whole
  ["ab🚀cd", 4, "ab…"], // the cut would fall inside the character
  ["🚀🚀", 2, "…"],
])("%s is cut to %d units as %s", (text, charactersMax, cut) => {
  expect(cutText(text, charactersMax)).toBe(cut);
});

test.each([4900, 4999, 5000, 5001, 9000])(
  "a message of %d characters keeps the id of its request, within the limit",
  (length) => {
    const message = reportedMessage("x".repeat(length), "request-1", []);
    expect(message).toMatch(/^x+…? \(Lambda request request-1\)$/);
    expect(message.length).toBe(Math.min(length + " (Lambda request request-1)".length, MESSAGE_CHARACTERS_MAX));
  },
);

test("secrets are masked before the text is cut", () => {
  expect(reportedMessage(`${"x".repeat(4990)}secret-secret`, undefined, ["secret-secret", ""])).toBe(
    `${"x".repeat(4990)}***`,
  );
});
