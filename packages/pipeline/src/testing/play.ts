import { decide } from "../decide.ts";
import type { Decision, Effect, Fact } from "../decision.ts";
import type { PipelineEvent } from "../event.ts";
import { type ExecutionMode, idlePipeline, type PipelineState, type Structure } from "../state.ts";

/*
 * Tables that say what each event brings about. Only the first column is input: the table that comes out is the one
 * that was put in, when all goes as it says.
 */

export const threeStages = structure("Source: Fetch", "Build: Lint", "Deploy: Ship");

/** `"Build: Lint Pack/2"` is a stage with two actions, the second of run order 2. */
export function structure(...stages: string[]): Structure {
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
export function play(of: Structure, mode: ExecutionMode, table: string): string {
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

export function readEvent(text: string, of: Structure): PipelineEvent {
  const [verb = "", what = ""] = text.split(" ");
  const [executionId = "", stage = "", action, attempt = "1"] = what.split("/");
  if (verb === "close" || verb === "open") return { type: "transitionChanged", stage: what, isOpen: verb === "open" };
  if (verb === "update") return { type: "pipelineUpdated" };
  if (verb.startsWith("retry")) return retryOf(executionId, stage, verb);
  if (verb === "start") return startOf(executionId, of);
  if (verb === "stop" || verb === "abandon") return { type: "stopRequested", executionId, abandon: verb === "abandon" };
  const status = verb === "done" ? "Succeeded" : "Failed";
  return {
    type: "actionFinished",
    executionId,
    actionExecutionId: `${executionId}/${stage}/${action}/${attempt}`,
    status,
  };
}

/** `retryOld`: when a later execution has entered; `retryNew`: of an execution that is not there. */
function retryOf(executionId: string, stage: string, verb: string): PipelineEvent {
  const retryMode = verb === "retryAll" ? "ALL_ACTIONS" : "FAILED_ACTIONS";
  const id = verb === "retryNew" ? "e9" : executionId;
  const latestExecutionId = verb === "retryOld" ? "e9" : id;
  return { type: "stageRetried", executionId: id, stage, retryMode, currentVersion: 1, latestExecutionId };
}

export function startOf(executionId: string, of: Structure): PipelineEvent {
  return { type: "executionStarted", executionId, version: 1, structure: of };
}

/** An event on one of the executions in flight, or none if there is none. */
export function eventOn(state: PipelineState, verb: string, pick: number): PipelineEvent | undefined {
  const stage = threeStages.stages[pick % 3]?.name ?? "";
  if (verb === "close" || verb === "open") return { type: "transitionChanged", stage, isOpen: verb === "open" };
  if (verb === "update") return { type: "pipelineUpdated" };
  if (verb.startsWith("retry")) {
    const ended = state.retryable?.[pick % state.retryable.length];
    return ended && retryOf(ended.id, ended.structure.stages[ended.stage]?.name ?? "", verb);
  }
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
  if (fact.type === "stageRetried") return `${fact.executionId}/${fact.stage} retried`;
  if (fact.type === "executionStopping") return `${fact.executionId} stopping`;
  if (fact.type === "actionFinished" && fact.status === "Abandoned") {
    return `${fact.actionExecutionId.replace(/\/1$/, "")} Abandoned`;
  }
  return "";
}

/** `(waiting)occupant` of each stage. */
export function places(state: PipelineState, of: Structure): string[] {
  return of.stages.map((_, index) => {
    const here = state.executions.filter(({ stage }) => stage === index);
    const waiting = here.filter(({ entered }) => !entered).map(({ id }) => id);
    const inside = here.filter(({ entered }) => entered).map(({ id }) => id);
    return `${waiting.length > 0 ? `(${waiting.join(",")})` : ""}${inside.join(",") || "-"}`;
  });
}

/** Without the spaces that only make a table readable. */
export function tidy(table: string): string {
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
