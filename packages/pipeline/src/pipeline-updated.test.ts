import { expect, test } from "vitest";
import { play, structure, threeStages, tidy } from "./testing/play.ts";

test("after an update what runs goes on to its end, nothing more starts, and the execution is cancelled", () => {
  const fanOut = structure("Source: Fetch", "Build: Lint Test Pack/2", "Deploy: Ship");
  const table = `
    start e1               | run e1/Source/Fetch                          | e1 - -
    done e1/Source/Fetch   | run e1/Build/Lint, run e1/Build/Test         | - e1 -
    done e1/Build/Lint     |                                              | - e1 -
    update                 |                                              | - e1 -
    done e1/Build/Test     | e1 Cancelled                                 | - - -
    done e1/Build/Test     | actionNotRunning                             | - - -
    retry e1/Build         | stageNotRetryable                            | - - -
  `;
  expect(play(fanOut, "SUPERSEDED", table)).toBe(tidy(table));
});

test("who waits before a stage is cancelled at once, who starts afterwards is of the new version", () => {
  const table = `
    start e1               | run e1/Source/Fetch                          | e1 - -
    done e1/Source/Fetch   | run e1/Build/Lint                            | - e1 -
    start e2               | run e2/Source/Fetch                          | e2 e1 -
    done e2/Source/Fetch   |                                              | - (e2)e1 -
    update                 | e2 Cancelled                                 | - e1 -
    start e3               | run e3/Source/Fetch                          | e3 e1 -
    done e3/Source/Fetch   |                                              | - (e3)e1 -
    fail e1/Build/Lint     | e1 Cancelled, run e3/Build/Lint              | - e3 -
    done e3/Build/Lint     | run e3/Deploy/Ship                           | - - e3
    done e3/Deploy/Ship    | e3 Succeeded                                 | - - -
  `;
  expect(play(threeStages, "SUPERSEDED", table)).toBe(tidy(table));
});

test("an execution that is stopping is stopped; one that is cancelled may be stopped as well", () => {
  const table = `
    start e1               | run e1/Source/Fetch                          | e1 - -
    stop e1                | e1 stopping                                  | e1 - -
    update                 |                                              | e1 - -
    done e1/Source/Fetch   | e1 Stopped                                   | - - -
    start e2               | run e2/Source/Fetch                          | e2 - -
    update                 |                                              | e2 - -
    abandon e2             | e2 stopping, e2/Source/Fetch Abandoned, e2 Stopped | - - -
  `;
  expect(play(threeStages, "SUPERSEDED", table)).toBe(tidy(table));
});

test("a stage that would retry by itself does not after an update", () => {
  const source = structure("Source: Fetch", "Build: Lint");
  const retrying = { stages: source.stages.map((stage) => ({ ...stage, retryOnFailure: "FAILED_ACTIONS" as const })) };
  const table = `
    start e1               | run e1/Source/Fetch                          | e1 -
    update                 |                                              | e1 -
    fail e1/Source/Fetch   | e1 Cancelled                                 | - -
  `;
  expect(play(retrying, "QUEUED", table)).toBe(tidy(table));
});
