import { expect, test } from "vitest";
import { type CpuProfile, selfTimes, showSelfTimes } from "./profile.ts";

const node = (id: number, functionName: string, url = "", lineNumber = -1) => ({
  id,
  callFrame: { functionName, url, lineNumber },
});

const profile: CpuProfile = {
  nodes: [
    node(1, "(idle)"),
    node(2, "commit", "file:///checkout/packages/server/src/store.ts", 41),
    node(3, "", "node:internal/stream", 0),
    node(4, "commit", "file:///checkout/packages/server/src/store.ts", 41),
  ],
  samples: [1, 2, 3, 4, 4],
  timeDeltas: [1000, 2000, 1000, 3000, 2000],
};

test("a function that is called from several places is one, and idle time is no work", () => {
  expect(selfTimes([profile], "/checkout")).toEqual([
    { place: "commit packages/server/src/store.ts:42", ms: 7, share: 0.875 },
    { place: "(anonymous) node:internal/stream:1", ms: 1, share: 0.125 },
  ]);
});

test("several processes are added up", () => {
  expect(selfTimes([profile, profile], "/checkout")[0]).toMatchObject({ ms: 14, share: 0.875 });
  expect(showSelfTimes([profile, profile], "/checkout")).toContain("2 profiles, 16 ms at work");
});

test("a clock that went back adds nothing", () => {
  const [first] = selfTimes([{ ...profile, samples: [2], timeDeltas: [-5] }], "/checkout");
  expect(first?.ms).toBe(0);
});
