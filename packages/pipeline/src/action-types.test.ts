import { expect, test } from "vitest";
import { ACTION_TYPES } from "./action-type-catalogue.ts";
import { findActionType } from "./action-types.ts";

test("every type of the catalogue is found by its id, and stands in it once", () => {
  for (const type of ACTION_TYPES) expect(findActionType(type.id)).toBe(type);
  expect(new Set(ACTION_TYPES.map(({ id }) => Object.values(id).join("/"))).size).toBe(ACTION_TYPES.length);
});

test("bounds are in order, keys stand in one list, and a secret is one of the keys", () => {
  for (const { inputs, outputs, required, optional, secret = [] } of ACTION_TYPES) {
    for (const [min, max] of [inputs, outputs]) expect(min).toBeLessThanOrEqual(max);
    const keys = [...required, ...optional];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toEqual(expect.arrayContaining([...secret]));
  }
});

test("owner, category and version all count", () => {
  const lambda = { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" } as const;
  expect(findActionType({ ...lambda, version: "2" })).toBeUndefined();
  expect(findActionType({ ...lambda, category: "Build" })).toBeUndefined();
  expect(findActionType({ ...lambda, owner: "ThirdParty" })).toBeUndefined();
});
