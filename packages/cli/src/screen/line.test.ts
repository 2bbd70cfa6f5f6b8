import { expect, test } from "vitest";
import { fitLine, paintLine, plainPaint, span } from "./line.ts";

const fit = (texts: readonly string[], width: number) =>
  paintLine(
    fitLine(
      texts.map((text) => span(text)),
      width,
    ),
    plainPaint,
  );

test("a line is cut where it is too wide, and the cut is shown", () => {
  expect(fit(["ab", "cd"], 5)).toBe("abcd");
  expect(fit(["ab", "cd"], 4)).toBe("abcd");
  expect(fit(["ab", "cd"], 3)).toBe("ab…");
  expect(fit(["ab", "cd"], 2)).toBe("a…");
  expect(fit(["ab", ""], 2)).toBe("ab");
  expect(fit(["ab", "cd"], 0)).toBe("");
});
