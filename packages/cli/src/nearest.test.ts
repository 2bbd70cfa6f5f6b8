import { expect, test } from "vitest";
import { editDistance, nearest, suggestion } from "./nearest.ts";

test("the distance counts insertions, deletions, replacements and swaps of neighbours", () => {
  const distances: readonly [string, string, number][] = [
    ["", "", 0],
    ["", "abc", 3],
    ["abc", "", 3],
    ["runtime", "runtime", 0],
    ["runtme", "runtime", 1],
    ["rutnime", "runtime", 1],
    ["handlers", "handler", 1],
    ["code", "mode", 1],
    ["kitten", "sitting", 3],
  ];
  expect(distances.map(([a, b]) => editDistance(a, b))).toEqual(distances.map(([, , distance]) => distance));
  expect(distances.map(([a, b]) => editDistance(b, a))).toEqual(distances.map(([, , distance]) => distance));
});

test("a near word is found, a far one is not", () => {
  const keys = ["runtime", "handler", "code", "environment", "timeout", "memory", "role"];
  expect(nearest("hanlder", keys)).toBe("handler");
  expect(nearest("enviroment", keys)).toBe("environment");
  expect(nearest("Runtime", keys)).toBe("runtime");
  expect(nearest("layers", keys)).toBeUndefined();
  expect(nearest("x", [])).toBeUndefined();
});

test("a suggestion names the near word, else all there are", () => {
  expect(suggestion("serv", ["serve", "run"])).toBe('Did you mean "serve"?');
  expect(suggestion("deploy", ["serve", "run"])).toBe("There is: serve, run.");
  expect(suggestion("deploy", [])).toBe("");
});
