import { expect, test } from "vitest";
import { errorText } from "./function-error.ts";

test("an error is one line", () => {
  expect(errorText({ errorType: "", errorMessage: "two\nlines", stackTrace: [] })).toBe("two lines");
});

test("the place of an error is told with it", () => {
  const error = { errorType: "KeyError", errorMessage: "'mode'", stackTrace: [], place: "app.py:3" };
  expect(errorText(error)).toBe("KeyError: 'mode' (app.py:3)");
});
