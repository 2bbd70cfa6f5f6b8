import type { JobReport } from "@penstock/pipeline";
import type { CodePipelineJobEvent } from "@penstock/toolkit";
import { ACCOUNT, type Bench, REGION, type Script } from "./bench.ts";
import { Crashed } from "./life.ts";
import type { Random } from "./random.ts";
import type { Nature, Scenario } from "./scenario.ts";
import type { Said, Witness } from "./witness.ts";

/** What functions of a run share. */
export interface Stage {
  readonly scenario: Scenario;
  readonly random: Random;
  readonly witness: Witness;
  /** Lets so many turns of the event loop pass, and counts as something going on. */
  pause(turns: number): Promise<void>;
}

/** A kind of end that is not a return. */
const TROUBLES = ["raised", "timedOut", "crashed"] as const;
/** Turns of the event loop. */
const LATE_TURNS_MAX = 60;

/** The functions of a scenario. What one does depends on its job and on how often it was called for it, and on nothing else. */
export function scriptFunctions(stage: Stage): Record<string, Script> {
  const natures = Object.entries(stage.scenario.natures);
  return Object.fromEntries(natures.map(([name, nature]) => [name, scriptOf(nature, stage)]));
}

function scriptOf(nature: Nature, stage: Stage): Script {
  const { trouble } = stage.scenario;
  return async (event, bench, attempt) => {
    const { id: jobId } = event["CodePipeline.job"];
    stage.witness.called(jobId, attempt);
    const random = stage.random.fork(`${jobId}/${attempt}`);
    await stage.pause(random.int(6));
    if (nature.isBroken) return "raised";
    if (random.chance(trouble)) return random.pick(["returned", ...TROUBLES]);
    const said = { jobId, report: planReport(event, nature, stage) };
    if (random.chance(trouble)) {
      void reportLate(bench, said, random, stage);
      return "returned";
    }
    await reportSomehow(bench, said, random, stage);
    await stage.pause(random.int(6));
    return random.chance(trouble) ? random.pick(TROUBLES) : "returned";
  };
}

function planReport(event: CodePipelineJobEvent, nature: Nature, { random, scenario }: Stage): JobReport {
  const { id, data } = event["CodePipeline.job"];
  const done = Number(data.continuationToken ?? 0);
  if (done < nature.continuations) return { type: "success", continuationToken: String(done + 1) };
  if (random.fork(id).chance(scenario.trouble))
    return { type: "failure", failureType: "JobFailed", message: `no ${id}` };
  return { type: "success", ...(nature.givesVariables && { outputVariables: { Job: id } }) };
}

/** Reports once, or as functions do that do not trust their luck: twice, at the same time, or two different things. */
async function reportSomehow(bench: Bench, said: Said, random: Random, stage: Stage): Promise<void> {
  const { trouble } = stage.scenario;
  if (random.chance(trouble)) await sayReport(bench, { ...said, report: TOKEN_WITH_VARIABLES }, stage);
  const others = random.chance(trouble)
    ? [said]
    : random.chance(trouble)
      ? [{ ...said, report: otherThan(said.report, random) }]
      : [];
  const words = random.chance(0.5) ? [said, ...others] : [...others, said];
  if (random.chance(0.5)) await Promise.all(words.map((word) => sayReport(bench, word, stage)));
  else for (const word of words) await sayReport(bench, word, stage);
}

const TOKEN_WITH_VARIABLES: JobReport = { type: "success", continuationToken: "9", outputVariables: { A: "1" } };

function otherThan(report: JobReport, random: Random): JobReport {
  const failure: JobReport = { type: "failure", failureType: "ConfigurationError", message: "another word" };
  const success: JobReport = { type: "success", outputVariables: { Job: "another", More: "1" } };
  return random.chance(0.5) === (report.type === "success") ? failure : success;
}

/** The report comes from elsewhere, after the function has ended. */
async function reportLate(bench: Bench, said: Said, random: Random, stage: Stage): Promise<void> {
  await stage.pause(random.int(LATE_TURNS_MAX));
  await sayReport(bench, said, stage).catch((error: unknown) => {
    if (!(error instanceof Crashed)) stage.witness.violations.push(`a late report threw ${String(error)}`);
  });
}

/** Sends a report and holds the answer, if one comes, against what is on record. */
export async function sayReport(bench: Bench, said: Said, { witness }: Stage): Promise<void> {
  witness.says(said);
  witness.answered(said, await bench.engine.report({ ...said, account: ACCOUNT, region: REGION }));
}
