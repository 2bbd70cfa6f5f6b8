/** The one JSON document of `--json`. Its members are told in `docs/command-line.md`. */
import type { Diagnosis } from "../server-port.ts";
import { diagnosisOf } from "./diagnosis-lines.ts";
import type { SizeOf, SummaryOptions } from "./summary.ts";
import type { ActionView, RunView, StageView } from "./view.ts";

/** Times are ISO 8601, durations milliseconds, sizes bytes; what is not known is `null`. */
export function reportDocument(
  view: RunView,
  { sizeOf, diagnoses = [] }: Pick<SummaryOptions, "sizeOf" | "diagnoses">,
): object {
  return {
    pipeline: view.pipeline,
    executionId: view.executionId ?? null,
    ...timed(view),
    stages: view.stages.map((stage) => ({
      name: stage.name,
      ...timed(stage),
      actions: stage.actions.map((action) => actionDocument(action, sizeOf, diagnosisOf(action, diagnoses))),
    })),
    notes: view.notes,
  };
}

function actionDocument(action: ActionView, sizeOf: SizeOf, diagnosis: Diagnosis | undefined): object {
  const findings = diagnosis?.findings ?? [];
  return {
    name: action.name,
    provider: action.provider,
    ...timed(action),
    actionExecutionId: action.actionExecutionId ?? null,
    continuations: action.continuations,
    error: action.error ?? null,
    artifacts: action.artifacts.map((artifact) => ({ ...artifact, sizeBytes: sizeOf(artifact) ?? null })),
    outputVariables: action.variables,
    attempts: action.attempts.map(({ functionName, requestId, attempt, outcome, durationMs, returned, error }) => ({
      functionName,
      requestId,
      attempt,
      outcome,
      durationMs: durationMs ?? null,
      returned: returned ?? null,
      error: error ?? null,
    })),
    log: action.log,
    logLinesDropped: action.logLinesDropped,
    refusedCalls: action.refused,
    findings,
    missingStatements: findings.flatMap(({ missing }) =>
      missing ? { role: missing.role ?? null, policyOf: missing.policyOf ?? null, statement: missing.statement } : [],
    ),
    notes: action.notes,
  };
}

function timed({ status, startedAt, finishedAt }: Pick<StageView, "status" | "startedAt" | "finishedAt">): object {
  return {
    status,
    startedAt: startedAt === undefined ? null : new Date(startedAt).toISOString(),
    durationMs: startedAt === undefined || finishedAt === undefined ? null : finishedAt - startedAt,
  };
}
