import { expect, test } from "vitest";
import { inTurn, type Rig, runRig } from "./rounds.ts";

const LATER = Number.POSITIVE_INFINITY;

/** A rig whose floor is measured as the given figures, round by round, and again as 10. */
function rigOf(floors: readonly number[], ran: string[] = []): Rig {
  let round = 0;
  return {
    slices: [
      {
        name: "floor",
        run: async () => {
          ran.push("floor");
          return { floor: floors[Math.min(round++, floors.length - 1)] ?? 0 };
        },
      },
      {
        name: "ours",
        run: async () => {
          ran.push("ours");
          return { ours: 20, again: 10 };
        },
      },
    ],
    comparisons: [
      { label: "", ours: "ours", floor: "floor", twins: ["floor", "again"], unit: "ms", goal: { atMost: 2 } },
    ],
    close: async () => {},
  };
}

test("each round begins with another slice", () => {
  expect([0, 1, 2, 3].map((round) => inTurn(["A", "B", "C"], round).join(""))).toEqual(["ABC", "BCA", "CAB", "ABC"]);
  expect(inTurn([], 3)).toEqual([]);
});

test("the rounds at the beginning are not counted", async () => {
  const ran: string[] = [];
  const notes: string[] = [];
  const options = { roundsCount: 3, warmUpCount: 2, deadline: LATER, note: (line: string) => notes.push(line) };
  const { compared, triesCount } = await runRig(rigOf([99, 99, 10], ran), options);
  expect(ran.filter((name) => name === "ours")).toHaveLength(5);
  expect(triesCount).toBe(1);
  expect(notes).toEqual([]);
  expect(compared[0]).toMatchObject({ floor: 10, roundsCount: 3, verdict: "met" });
});

test("void rounds are run again, and the first that are not void count", async () => {
  const notes: string[] = [];
  const options = { roundsCount: 2, warmUpCount: 0, deadline: LATER, note: (line: string) => notes.push(line) };
  const { compared, triesCount } = await runRig(rigOf([20, 20, 10]), options);
  expect(triesCount).toBe(2);
  expect(compared[0]?.verdict).toBe("met");
  expect(notes).toHaveLength(1);
});

test("after three tries void is the answer", async () => {
  const options = { roundsCount: 2, warmUpCount: 0, deadline: LATER, note: () => {} };
  const { compared, triesCount } = await runRig(rigOf([20]), options);
  expect(triesCount).toBe(3);
  expect(compared[0]?.verdict).toBe("void");
});

test("when the time is used up there is no second try, and five rounds are the least", async () => {
  const options = { roundsCount: 15, warmUpCount: 1, deadline: 0, note: () => {} };
  const { compared, triesCount } = await runRig(rigOf([20]), options);
  expect(triesCount).toBe(1);
  expect(compared[0]).toMatchObject({ roundsCount: 5, verdict: "void" });
});

test("what is derived joins the figures of its own round", async () => {
  const rig: Rig = {
    ...rigOf([10]),
    derive: ({ ours = 0, floor = 0 }) => ({ added: ours - floor }),
    comparisons: [{ label: "", ours: "added", floor: "floor", twins: ["floor", "again"], unit: "ms" }],
  };
  const { compared } = await runRig(rig, { roundsCount: 2, warmUpCount: 0, deadline: LATER, note: () => {} });
  expect(compared[0]?.ratio.median).toBe(1);
});
