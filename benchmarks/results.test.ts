import { expect, test } from "vitest";
import { type Comparison, compare } from "./measuring/compare.ts";
import { resultLine, resultsPage } from "./results.ts";

const comparison: Comparison = {
  label: "1 connection, against raw commits",
  ours: "results",
  floor: "commits",
  twins: ["commits", "commits again"],
  unit: "/s",
  goal: { atLeast: 0.25 },
};

const machine = { cores: 2, cpu: "A processor", memoryGib: 24, system: "Linux x64", load: 0.25, versions: ["Node 24"] };

const page = (compared: ReturnType<typeof compare>, triesCount = 1) =>
  resultsPage({
    results: [{ title: "Results", method: "Ours against the floor.", compared: [compared], triesCount }],
    machine,
    date: "2026-11-24",
    command: "npm run bench",
  });

test("a row has the ratio with its span, the goal, whether it is met, the floor against itself, and both figures", () => {
  const compared = compare(comparison, [{ results: 1500, commits: 5000, "commits again": 5000 }]);
  expect(page(compared)).toContain(
    "| 1 connection, against raw commits | **0.30** (0.30..0.30) | ≥ 0.25 | met | 1.00 (1.00..1.00) | 1,500/s | 5,000/s |",
  );
});

test("a void comparison is no failure, and says so", () => {
  const compared = compare(comparison, [{ results: 1, commits: 5000, "commits again": 4000 }]);
  expect(page(compared, 3)).toContain("| void |");
  expect(page(compared, 3)).toContain("1 rounds, try 3.");
  expect(resultLine(compared)).toMatch(/^void /);
});

test("the page names the command, the day, the machine and the versions", () => {
  const compared = compare(comparison, [{ results: 1500, commits: 5000, "commits again": 5000 }]);
  expect(page(compared)).toContain(
    "Written by `npm run bench` on 2026-11-24. Linux x64, 2 cores (A processor), 24 GiB",
  );
  expect(page(compared)).toContain("Node 24.");
});

test("what cannot be measured here is said in its place", () => {
  const left = ["nginx is not installed here: nothing of this is measured."];
  const results = [{ title: "Objects", method: "Ours against nginx.", compared: [], triesCount: 1, left }];
  const text = resultsPage({ results, machine, date: "2026-11-24", command: "npm run bench" });
  expect(text).toContain("## Objects\n\nOurs against nginx. 0 rounds.\n\nnginx is not installed here");
  expect(text).not.toContain("| what |");
});
