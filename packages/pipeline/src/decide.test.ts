import fc from "fast-check";
import { expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { Decision, Effect, Fact } from "./decision.ts";
import type { PipelineEvent } from "./event.ts";
import { type ExecutionMode, idlePipeline, type PipelineState, type Structure } from "./state.ts";

const threeStages = structure("Source: Fetch", "Build: Lint", "Deploy: Ship");

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
  const events = fc.array(fc.tuple(fc.constantFrom("start", "done", "fail", "stop", "abandon"), fc.nat(7)), {
    maxLength: 60,
  });
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

/** `"Build: Lint Pack/2"` is a stage with two actions, the second of run order 2. */
function structure(...stages: string[]): Structure {
  return {
    stages: stages.map((text) => {
      const [name = "", actions = ""] = text.split(": ");
      return { name, actions: actions.split(" ").map(readAction) };
    }),
  };
}

function readAction(text: string) {
  const [name = "", runOrder = "1"] = text.split("/");
  return { name, runOrder: Number(runOrder) };
}

/** Plays the first column of a table; answers the table as it really went. */
function play(of: Structure, mode: ExecutionMode, table: string): string {
  let state = idlePipeline("p", mode);
  const rows = tidy(table)
    .split("\n")
    .map((row) => row.split("|")[0]?.trim() ?? "")
    .map((text) => {
      const decision = decide(state, readEvent(text, of));
      if (decision.ok) state = decision.state;
      return `${text} | ${answerOf(decision)} | ${places(state, of).join(" ")}`;
    });
  return tidy(rows.join("\n"));
}

function readEvent(text: string, of: Structure): PipelineEvent {
  const [verb = "", what = ""] = text.split(" ");
  const executionId = what.split("/")[0] ?? "";
  if (verb === "start") return startOf(executionId, of);
  if (verb === "stop" || verb === "abandon") return { type: "stopRequested", executionId, abandon: verb === "abandon" };
  const status = verb === "done" ? "Succeeded" : "Failed";
  return { type: "actionFinished", executionId, actionExecutionId: `${what}/1`, status };
}

function startOf(executionId: string, of: Structure): PipelineEvent {
  return { type: "executionStarted", executionId, version: 1, structure: of };
}

/** An event on one of the executions in flight, or none if there is none. */
function eventOn(state: PipelineState, verb: string, pick: number): PipelineEvent | undefined {
  const execution = state.executions[pick % Math.max(1, state.executions.length)];
  if (!execution) return undefined;
  if (verb === "stop" || verb === "abandon") {
    return { type: "stopRequested", executionId: execution.id, abandon: verb === "abandon" };
  }
  const action = Object.values(execution.actions)[0];
  const status = verb === "done" ? "Succeeded" : "Failed";
  return action && { type: "actionFinished", executionId: execution.id, actionExecutionId: action.id, status };
}

function answerOf(decision: Decision): string {
  if (!decision.ok) return decision.rejection.reason;
  const ends = decision.facts.map(factText).filter((text) => text !== "");
  const runs = decision.effects.map(({ actionExecutionId }: Effect) => `run ${actionExecutionId.replace(/\/1$/, "")}`);
  return [...ends, ...runs].join(", ");
}

function factText(fact: Fact): string {
  if (fact.type === "executionFinished") return `${fact.executionId} ${fact.status}`;
  if (fact.type === "executionStopping") return `${fact.executionId} stopping`;
  if (fact.type === "actionFinished" && fact.status === "Abandoned") {
    return `${fact.actionExecutionId.replace(/\/1$/, "")} Abandoned`;
  }
  return "";
}

/** `(waiting)occupant` of each stage. */
function places(state: PipelineState, of: Structure): string[] {
  return of.stages.map((_, index) => {
    const here = state.executions.filter(({ stage }) => stage === index);
    const waiting = here.filter(({ entered }) => !entered).map(({ id }) => id);
    const inside = here.filter(({ entered }) => entered).map(({ id }) => id);
    return `${waiting.length > 0 ? `(${waiting.join(",")})` : ""}${inside.join(",") || "-"}`;
  });
}

/** Without the spaces that only make a table readable. */
function tidy(table: string): string {
  return table
    .trim()
    .split("\n")
    .map((row) =>
      row
        .split("|")
        .map((cell) => cell.trim().replace(/\s+/g, " "))
        .join(" | "),
    )
    .join("\n");
}
