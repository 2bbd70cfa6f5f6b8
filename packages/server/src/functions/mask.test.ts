import { expect, test } from "vitest";
import { createMask } from "./mask.ts";

const mask = createMask(["a/secret+key", "token=="]);

test("secrets are masked wherever they stand, as they are and percent-encoded", () => {
  expect(mask("key a/secret+key, again a/secret+key, and token==")).toBe("key ****, again ****, and ****");
  expect(mask("https://x/?X-Amz-Security-Token=token%3D%3D&k=a%2Fsecret%2Bkey")).toBe(
    "https://x/?X-Amz-Security-Token=****&k=****",
  );
});

test("other texts stay as they are", () => {
  for (const text of ["", "a/secret", "100 % of it", "$& $1"]) expect(mask(text)).toBe(text);
  expect(createMask(["$&"])("costs $& more")).toBe("costs **** more");
});
