import { expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { EventOf } from "./event.ts";
import { idlePipeline, type Structure } from "./state.ts";
import { play, readEvent, structure, threeStages, tidy } from "./testing/play.ts";

test("a retry runs again what failed, with new ids, and the execution goes on", () => {
  const fanOut = structure("Source: Fetch", "Build: Lint Test Pack/2", "Deploy: Ship");
  const table = `
    start e1               | run e1/Source/Fetch                          | e1 - -
    done e1/Source/Fetch   | run e1/Build/Lint, run e1/Build/Test         | - e1 -
    fail e1/Build/Lint     |                                              | - e1 -
    done e1/Build/Test     | e1 Failed                                    | - - -
    retry e1/Build         | e1/Build retried, run e1/Build/Lint/2        | - e1 -
    done e1/Build/Lint     | actionNotRunning                             | - e1 -
    done e1/Build/Lint/2   | run e1/Build/Pack/2                          | - e1 -
    done e1/Build/Pack/2   | run e1/Deploy/Ship                           | - - e1
    done e1/Deploy/Ship    | e1 Succeeded                                 | - - -
    retry e1/Deploy        | stageNotRetryable                            | - - -
  `;
  expect(play(fanOut, "SUPERSEDED", table)).toBe(tidy(table));
});

test("a retry of all actions begins the stage anew", () => {
  const fanOut = structure("Source: Fetch", "Build: Lint Pack/2");
  const table = `
    start e1               | run e1/Source/Fetch                          | e1 -
    done e1/Source/Fetch   | run e1/Build/Lint                            | - e1
    done e1/Build/Lint     | run e1/Build/Pack                            | - e1
    fail e1/Build/Pack     | e1 Failed                                    | - -
    retryAll e1/Build      | e1/Build retried, run e1/Build/Lint/2        | - e1
    done e1/Build/Lint/2   | run e1/Build/Pack/2                          | - e1
    fail e1/Build/Pack/2   | e1 Failed                                    | - -
    retry e1/Build         | e1/Build retried, run e1/Build/Pack/3        | - e1
  `;
  expect(play(fanOut, "SUPERSEDED", table)).toBe(tidy(table));
});

test("what failed may be retried while its peers still run, all actions may not, and nothing twice", () => {
  const fanOut = structure("Source: Fetch", "Build: Lint Test");
  const table = `
    start e1               | run e1/Source/Fetch                          | e1 -
    retry e1/Source        | stageNotRetryable                            | e1 -
    done e1/Source/Fetch   | run e1/Build/Lint, run e1/Build/Test         | - e1
    fail e1/Build/Lint     |                                              | - e1
    retryAll e1/Build      | retryConflicts                               | - e1
    retry e1/Build         | e1/Build retried, run e1/Build/Lint/2        | - e1
    retry e1/Build         | retryConflicts                               | - e1
    done e1/Build/Lint/2   |                                              | - e1
    done e1/Build/Test     | e1 Succeeded                                 | - -
  `;
  expect(play(fanOut, "SUPERSEDED", table)).toBe(tidy(table));
});

test("a stopped stage may be retried, one that is stopping may not", () => {
  const table = `
    start e1               | run e1/Source/Fetch                          | e1 - -
    stop e1                | e1 stopping                                  | e1 - -
    retry e1/Source        | retryConflicts                               | e1 - -
    done e1/Source/Fetch   | e1 Stopped                                   | - - -
    retry e1/Source        | e1/Source retried, run e1/Build/Lint         | - e1 -
    abandon e1             | e1 stopping, e1/Build/Lint Abandoned, e1 Stopped | - - -
    retry e1/Build         | e1/Build retried, run e1/Build/Lint/2        | - e1 -
  `;
  expect(play(threeStages, "SUPERSEDED", table)).toBe(tidy(table));
});

test("once a later execution has entered the stage, the earlier one cannot be retried", () => {
  const table = `
    start e1               | run e1/Source/Fetch                          | e1 - -
    fail e1/Source/Fetch   | e1 Failed                                    | - - -
    retryOld e1/Source     | notLatestExecution                           | - - -
    retryNew e1/Source     | stageNotRetryable                            | - - -
    start e2               | run e2/Source/Fetch                          | e2 - -
    retry e1/Source        | stageNotRetryable                            | e2 - -
    done e2/Source/Fetch   | run e2/Build/Lint                            | - e2 -
    retry e1/Source        | stageNotRetryable                            | - e2 -
  `;
  expect(play(threeStages, "SUPERSEDED", table)).toBe(tidy(table));
});

test("a retried execution is before those that started later", () => {
  const table = `
    start e1               | run e1/Source/Fetch                          | e1 - -
    start e2               |                                              | (e2)e1 - -
    close Source           |                                              | (e2)e1 - -
    fail e1/Source/Fetch   | e1 Failed                                    | (e2)- - -
    retry e1/Source        | e1/Source retried, run e1/Source/Fetch/2     | (e2)e1 - -
    open Source            |                                              | (e2)e1 - -
    done e1/Source/Fetch/2 | run e1/Build/Lint, run e2/Source/Fetch       | e2 e1 -
    done e2/Source/Fetch   |                                              | - (e2)e1 -
  `;
  expect(play(threeStages, "QUEUED", table)).toBe(tidy(table));
});

test("P7: before a closed stage the latest waits, in the order of starts, until it is opened", () => {
  const table = `
    close Build            |                                              | - - -
    start e1               | run e1/Source/Fetch                          | e1 - -
    done e1/Source/Fetch   |                                              | - (e1)- -
    start e2               | run e2/Source/Fetch                          | e2 (e1)- -
    done e2/Source/Fetch   | e1 Superseded                                | - (e2)- -
    open Build             | run e2/Build/Lint                            | - e2 -
    close Build            |                                              | - e2 -
    done e2/Build/Lint     | run e2/Deploy/Ship                           | - - e2
  `;
  expect(play(threeStages, "SUPERSEDED", table)).toBe(tidy(table));
});

test("P7: queued executions all wait before a closed stage, parallel ones as well", () => {
  const table = `
    close Source           |                                              | - - -
    start e1               |                                              | (e1)- - -
    start e2               |                                              | (e1,e2)- - -
    stop e1                | e1 stopping, e1 Stopped                      | (e2)- - -
    open Source            | run e2/Source/Fetch                          | e2 - -
  `;
  expect(play(threeStages, "QUEUED", table)).toBe(tidy(table));
  expect(play(threeStages, "PARALLEL", table)).toBe(tidy(table));
});

test("P8: a stage that retries its failure does so once", () => {
  const retries: Structure = {
    stages: threeStages.stages.map((stage) => ({ ...stage, retryOnFailure: "FAILED_ACTIONS" as const })),
  };
  const table = `
    start e1               | run e1/Source/Fetch                          | e1 - -
    fail e1/Source/Fetch   | e1/Source retried, run e1/Source/Fetch/2     | e1 - -
    done e1/Source/Fetch/2 | run e1/Build/Lint                            | - e1 -
    fail e1/Build/Lint     | e1/Build retried, run e1/Build/Lint/2        | - e1 -
    fail e1/Build/Lint/2   | e1 Failed                                    | - - -
    retry e1/Build         | e1/Build retried, run e1/Build/Lint/3        | - e1 -
  `;
  expect(play(retries, "SUPERSEDED", table)).toBe(tidy(table));
});

test("an execution of an older version of the pipeline cannot be retried", () => {
  let state = idlePipeline("p", "SUPERSEDED");
  for (const text of ["start e1", "fail e1/Source/Fetch"]) {
    const decision = decide(state, readEvent(text, threeStages));
    if (decision.ok) state = decision.state;
  }
  const retry = readEvent("retry e1/Source", threeStages) as EventOf<"stageRetried">; // that is what it reads
  expect(decide(state, { ...retry, currentVersion: 2 })).toEqual({
    ok: false,
    rejection: {
      reason: "stageNotRetryable",
      executionId: "e1",
      why: "the pipeline has version 2 now, and the execution ran version 1",
    },
  });
});
