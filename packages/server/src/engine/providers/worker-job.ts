import { CUSTOM_ACTION_MS_MAX, fillUrlTemplate, type JobReport, PARTNER_LAMBDA_JOB_MS_MAX } from "@penstock/pipeline";
import type { ActionOutput } from "../../store/action-execution.ts";
import { findActionType } from "../../store/action-type.ts";
import type { Tx } from "../../store/store.ts";
import { insertWorkerJob } from "../../store/worker-job.ts";
import { storyPlace } from "../jobs.ts";
import { actionTypeName } from "../registered-types.ts";
import type { StoryTeller } from "../story-teller.ts";
import type { ActionError, JobProvider, PromisedJob, StartedAction, Told } from "./provider.ts";

/**
 * Actions whose jobs workers poll for: custom ones, and those of partners whose executor is a job worker.
 *
 * Source: user guide, "Create a custom action for a pipeline".
 */
export function createWorkerJobs(story: StoryTeller, now: () => number): JobProvider {
  return {
    type: "job",
    async promise(tx: Tx, { id, number, action }: PromisedJob) {
      await tx.run(insertWorkerJob, {
        id,
        account: action.input.work?.partner ?? action.account,
        region: action.region,
        action_type: actionTypeName(action.input.actionTypeId),
        query_value: queryValueOf(action),
        nonce: 0,
        offered_until: 0,
        is_waiting: 1,
        created_at: now(),
        handed_out_at: null,
        acknowledged_at: null,
        worker: null,
      });
      return () => {
        if (number > 1) return; // whoever has continued the job asks for the next one
        const message = `waits for a worker that polls for jobs of ${actionTypeName(action.input.actionTypeId)}`;
        story.tell({ ...storyPlace(action, id, now()), type: "note", message });
      };
    },
    async clientTokenOf(tx: Tx, action: StartedAction) {
      const { actionTypeId, work } = action.input;
      if (work?.partner === undefined) return null;
      const key = { ...actionTypeId, account: work.partner, region: action.region };
      return (await tx.first(findActionType, key))?.client_token ?? null;
    },
    limitsOf: workLimits,
    outputOf: workerOutput,
    progressOf: workerOutput,
  };
}

function queryValueOf({ input: { work, resolvedConfiguration } }: StartedAction): string | null {
  return work?.queryable === undefined ? null : (resolvedConfiguration[work.queryable] ?? null);
}

/**
 * How long an action of a registered type may take. That an action of a partner's has a custom one's 24 hours in all is
 * our choice: the service tells of each of its jobs alone.
 */
export function workLimits({ input: { work } }: StartedAction): { readonly jobMs: number; readonly actionMs: number } {
  const longest = work?.executor.type === "Lambda" ? PARTNER_LAMBDA_JOB_MS_MAX : CUSTOM_ACTION_MS_MAX;
  return { jobMs: work?.jobTimeoutMs ?? longest, actionMs: CUSTOM_ACTION_MS_MAX };
}

/**
 * What history shows of an action from what its workers have told: the newest of each detail, and the link that the
 * type's template makes of it. A success of a source has found a revision.
 */
export function workerOutput(action: StartedAction, { report, before }: Told): ActionOutput {
  const told = report ? detailsOf(report) : {};
  const externalExecutionId = told.externalExecutionId ?? before.externalExecutionId;
  const externalExecutionUrl = urlOf(action, externalExecutionId);
  const currentRevision = told.currentRevision ?? before.currentRevision;
  const summary = told.summary ?? before.summary;
  const percentComplete = told.percentComplete ?? before.percentComplete;
  return {
    ...(externalExecutionId !== undefined && { externalExecutionId }),
    ...(externalExecutionUrl !== undefined && { externalExecutionUrl }),
    ...(summary !== undefined && report?.type !== "failure" && { summary }),
    ...(percentComplete !== undefined && { percentComplete }),
    ...(currentRevision && { currentRevision, ...sourceOutput(action, report, currentRevision) }),
  };
}

function detailsOf(
  report: JobReport,
): Pick<ActionOutput, "summary" | "percentComplete" | "externalExecutionId" | "currentRevision"> {
  if (report.type === "failure") {
    return report.externalExecutionId === undefined ? {} : { externalExecutionId: report.externalExecutionId };
  }
  const { executionDetails, currentRevision } = report;
  // The operation that took them put in what the model says.
  return {
    ...executionDetails,
    ...(currentRevision && { currentRevision: currentRevision as unknown as CurrentRevision }),
  };
}

type CurrentRevision = NonNullable<ActionOutput["currentRevision"]>;

/** What its success makes of a custom source action: its artifact is of the revision that was found. */
function sourceOutput(
  { input }: StartedAction,
  report: JobReport | undefined,
  { revision, revisionSummary }: CurrentRevision,
): ActionOutput {
  const isFound = report?.type === "success" && report.continuationToken === undefined;
  if (input.actionTypeId.category !== "Source" || !isFound) return {};
  return {
    revisionId: revision,
    ...(revisionSummary !== undefined && { summary: revisionSummary }),
    outputArtifacts: input.outputArtifacts.map((artifact) => ({ ...artifact, revision })),
  };
}

function urlOf({ input }: StartedAction, externalExecutionId: string | undefined): string | undefined {
  const template = input.work?.executionUrlTemplate;
  return template === undefined
    ? undefined
    : fillUrlTemplate(template, input.resolvedConfiguration, externalExecutionId);
}

/** Source: our choice, code and words; nobody is known to have seen what the service says. */
export function unreportedWorkError(action: StartedAction): ActionError {
  const { actionTypeId } = action.input;
  const hours = CUSTOM_ACTION_MS_MAX / 3_600_000;
  const { jobMs } = workLimits(action);
  const limit = jobMs < CUSTOM_ACTION_MS_MAX ? `${jobMs / 1000} seconds for each of its jobs` : `${hours} hours`;
  return {
    code: "JobFailed",
    message: `The action of the type ${actionTypeName(actionTypeId)} did not return a result within its time limit of ${limit}. Check that a worker polls for its jobs, acknowledges them, and puts a result.`,
  };
}
