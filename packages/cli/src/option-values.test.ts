import { expect, test } from "vitest";
import { readPairs, readPaths, readPort, readTimeout, readTiming, readUnreported } from "./option-values.ts";

test("values that are fine", () => {
  expect(readPort(undefined, 4566)).toBe(4566);
  expect(readPort("0", 4566)).toBe(0);
  expect(readTimeout("900")).toBe(900);
  expect(readTiming(undefined, "aws")).toBe("aws");
  expect(readTiming("fast", "aws")).toBe("fast");
  expect([readUnreported(undefined), readUnreported("wait")]).toEqual([undefined, "wait"]);
  expect(readPairs("env", ["A=1", "B=", "C=x=y"])).toEqual({ A: "1", B: "", C: "x=y" });
  expect(readPaths("input", ["A=."])).toEqual({ A: process.cwd() });
});

test("values that are none are refused with what would be right", () => {
  const refusals: readonly (readonly [() => unknown, string])[] = [
    [() => readPort("65536", 0), "from 0 to 65535"],
    [() => readPort("", 0), "--port"],
    [() => readPort("-1", 0), "--port -1"],
    [() => readPort("1e3", 0), "--port 1e3"],
    [() => readTimeout("0"), "from 1 to 900"],
    [() => readTiming("fst", undefined), "neither fast nor aws"],
    [() => readUnreported("fall"), "neither wait nor fail"],
    [() => readPairs("env", ["A"]), "--env A"],
    [() => readPairs("env", ["=1"]), "--env =1"],
    [() => readPairs("env", ["A=1", "A=2"]), "gives A twice"],
  ];
  for (const [read, message] of refusals) {
    expect(read).toThrowError(expect.objectContaining({ exitCode: 2, message: expect.stringContaining(message) }));
  }
});
