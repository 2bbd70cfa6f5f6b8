import fc from "fast-check";
import { expect, test } from "vitest";
import { decide } from "./decide.ts";
import { idlePipeline } from "./state.ts";
import { eventOn, places, play, startOf, structure, threeStages, tidy } from "./testing/play.ts";

test("a newer execution supersedes the one that waits before an occupied stage", () => {
  // event              | answer                                         | (waiting)occupant of each stage
  const table = `
    start e1             | run e1/Source/Fetch                            | e1 - -
    done e1/Source/Fetch | run e1/Build/Lint                              | - e1 -
    start e2             | run e2/Source/Fetch                            | e2 e1 -
    done e2/Source/Fetch |                                                | - (e2)e1 -
    start e3             | run e3/Source/Fetch                            | e3 (e2)e1 -
    done e3/Source/Fetch | e2 Superseded                                  | - (e3)e1 -
    fail e1/Build/Lint   | e1 Failed, run e3/Build/Lint                   | - e3 -
  `;
  expect(play(threeStages, "SUPERSEDED", table)).toBe(tidy(table));
});

test("before the first stage, too, only the newest start waits", () => {
  const table = `
    start e1             | run e1/Source/Fetch                            | e1 - -
    start e2             |                                                | (e2)e1 - -
    start e3             | e2 Superseded                                  | (e3)e1 - -
    done e1/Source/Fetch | run e1/Build/Lint, run e3/Source/Fetch         | e3 e1 -
  `;
  expect(play(threeStages, "SUPERSEDED", table)).toBe(tidy(table));
});

test("queued executions pass each stage in the order of their start and none is lost", () => {
  const table = `
    start e1             | run e1/Source/Fetch                            | e1 - -
    start e2             |                                                | (e2)e1 - -
    start e3             |                                                | (e2,e3)e1 - -
    done e1/Source/Fetch | run e1/Build/Lint, run e2/Source/Fetch         | (e3)e2 e1 -
    fail e2/Source/Fetch | e2 Failed, run e3/Source/Fetch                 | e3 e1 -
  `;
  expect(play(threeStages, "QUEUED", table)).toBe(tidy(table));
});

test("parallel executions do not wait for each other", () => {
  const table = `
    start e1             | run e1/Source/Fetch                            | e1 - -
    start e2             | run e2/Source/Fetch                            | e1,e2 - -
    done e2/Source/Fetch | run e2/Build/Lint                              | e1 e2 -
    done e1/Source/Fetch | run e1/Build/Lint                              | - e1,e2 -
  `;
  expect(play(threeStages, "PARALLEL", table)).toBe(tidy(table));
});

test("a run order starts when all of the lower ones have succeeded", () => {
  const fanOut = structure("Source: Fetch", "Build: Lint Test Pack/2 Sign/3");
  const table = `
    start e1             | run e1/Source/Fetch                            | e1 -
    done e1/Source/Fetch | run e1/Build/Lint, run e1/Build/Test           | - e1
    done e1/Build/Test   |                                                | - e1
    done e1/Build/Lint   | run e1/Build/Pack                              | - e1
    done e1/Build/Pack   | run e1/Build/Sign                              | - e1
    done e1/Build/Sign   | e1 Succeeded                                   | - -
  `;
  expect(play(fanOut, "SUPERSEDED", table)).toBe(tidy(table));
});

test("when one of several parallel actions fails, its peers finish and nothing later starts", () => {
  const fanOut = structure("Source: Fetch", "Build: Lint Test Pack/2");
  const table = `
    start e1             | run e1/Source/Fetch                            | e1 -
    done e1/Source/Fetch | run e1/Build/Lint, run e1/Build/Test           | - e1
    fail e1/Build/Lint   |                                                | - e1
    done e1/Build/Test   | e1 Failed                                      | - -
  `;
  expect(play(fanOut, "SUPERSEDED", table)).toBe(tidy(table));
});

test("a result that comes late, twice or for nobody is refused and changes nothing", () => {
  const table = `
    start e1             | run e1/Source/Fetch                            | e1 - -
    start e1             | executionAlreadyStarted                        | e1 - -
    done e1/Build/Lint   | actionNotRunning                               | e1 - -
    done e1/Source/Fetch | run e1/Build/Lint                              | - e1 -
    done e1/Source/Fetch | actionNotRunning                               | - e1 -
    fail e1/Source/Fetch | actionNotRunning                               | - e1 -
    fail e1/Build/Lint   | e1 Failed                                      | - - -
    done e1/Build/Lint   | actionNotRunning                               | - - -
    done e9/Build/Lint   | actionNotRunning                               | - - -
  `;
  expect(play(threeStages, "SUPERSEDED", table)).toBe(tidy(table));
});

test("a stop lets running actions end, starts no more, and frees the stage", () => {
  const table = `
    start e1             | run e1/Source/Fetch                            | e1 - -
    start e2             |                                                | (e2)e1 - -
    stop e1              | e1 stopping                                    | (e2)e1 - -
    stop e1              | alreadyStopping                                | (e2)e1 - -
    done e1/Source/Fetch | e1 Stopped, run e2/Source/Fetch                | e2 - -
    stop e9              | executionNotFound                              | e2 - -
  `;
  expect(play(threeStages, "SUPERSEDED", table)).toBe(tidy(table));
});

test("an abandon ends at once, also after a stop, and a later result is refused", () => {
  const table = `
    start e1             | run e1/Source/Fetch                            | e1 - -
    stop e1              | e1 stopping                                    | e1 - -
    abandon e1           | e1/Source/Fetch Abandoned, e1 Stopped          | - - -
    done e1/Source/Fetch | actionNotRunning                               | - - -
  `;
  expect(play(threeStages, "SUPERSEDED", table)).toBe(tidy(table));
});

test("an execution that waits stops at once", () => {
  const table = `
    start e1             | run e1/Source/Fetch                            | e1 - -
    start e2             |                                                | (e2)e1 - -
    stop e2              | e2 stopping, e2 Stopped                        | e1 - -
  `;
  expect(play(threeStages, "SUPERSEDED", table)).toBe(tidy(table));
});

test("P1, P2: whatever happens, a stage holds one execution and at most one waits before it", () => {
  const events = fc.array(
    fc.tuple(
      fc.constantFrom("start", "done", "fail", "stop", "abandon", "retry", "retryAll", "close", "open", "update"),
      fc.nat(7),
    ),
    {
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(events, (steps) => {
      let state = idlePipeline("p", "SUPERSEDED");
      let started = 0;
      for (const [verb, pick] of steps) {
        if (verb === "start") started += 1;
        const event = verb === "start" ? startOf(`e${started}`, threeStages) : eventOn(state, verb, pick);
        if (!event) continue;
        const before = JSON.stringify(state);
        const decision = decide(state, event);
        expect(JSON.stringify(state)).toBe(before);
        if (decision.ok) state = decision.state;
        for (const cell of places(state, threeStages)) expect(cell).toMatch(/^(\(e\d+\))?(e\d+|-)$/);
      }
    }),
    { numRuns: 200 },
  );
});
