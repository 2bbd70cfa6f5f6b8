import { artifactCredentials } from "./artifacts/credentials.ts";
import { type JobArtifacts, jobArtifacts } from "./artifacts/job-artifacts.ts";
import type { AnyJobDefinition, LambdaContext } from "./define-job.ts";
import type { CodePipelineJob } from "./event.ts";
import { failureText, failureTypeOf } from "./failure-of.ts";
import { type Failed, jobWords } from "./job-words.ts";
import { reportedMessage } from "./message.ts";
import { sendReport } from "./report.ts";
import { ELSEWHERE, type StateStorage, stateOf } from "./state-token.ts";
import { catchStrayErrors } from "./stray-errors.ts";
import type { JobReport, Surroundings } from "./surroundings.ts";
import { readParameters } from "./user-parameters.ts";
import { ARTIFACT_LIMITS } from "./zip/read-directory.ts";

/** Sends the report of a job that was decided; answers the one that counts. Errors: `ReportNotSent`. */
export type SendReport = () => Promise<JobReport>;

/** Runs a job until it is known what to report. Never fails: every error is a report. */
export async function runToReport(
  definition: AnyJobDefinition,
  source: CodePipelineJob,
  context: LambdaContext,
  surroundings: Surroundings,
): Promise<SendReport> {
  const { now } = surroundings;
  const { id, accountId, data } = source;
  const requestId = context.awsRequestId;
  const failed = failedOf(source, requestId);
  const [artifacts, storage] = groundOf(definition, source, surroundings);
  let savedToken: string | undefined;
  const [words, reportOf] = jobWords(definition.variables, storage, failed, (token) => {
    savedToken = token;
    surroundings.onSave?.();
  });
  const over = new AbortController();
  const deadlineAt = deadlineOf(definition, context, now());
  /** From the parameters to the last byte of the outputs. */
  const runAndEnd = async (): Promise<JobReport> => {
    try {
      const text = data.actionConfiguration?.configuration?.UserParameters;
      const job = {
        id,
        accountId,
        requestId,
        parameters: await readParameters(text, definition.parameters),
        continuation: await stateOf(data.continuationToken, storage),
        ...artifacts.shown,
        signal: over.signal,
        remainingMs: () => Math.max(0, deadlineAt - now()),
        ...words,
      };
      await definition.run(job as Parameters<typeof definition.run>[0]); // its types are those of the schemas
      const report = await reportOf();
      await artifacts.close(report.status);
      return report;
    } catch (error) {
      return await reportOf([error]);
    }
  };
  const late = (): JobReport => {
    const { resumable } = definition;
    // A saved state is lost when the artifact itself has taken its place.
    const isLost = savedToken === ELSEWHERE && artifacts.holds() === "artifact";
    if (resumable && savedToken && !isLost) return { status: "Continued", continuationToken: savedToken };
    return failed(LATE + (resumable ? SAVE : RESUME));
  };

  let stops: readonly (() => void)[] = [];
  const [report, isOverrun] = await new Promise<readonly [report: JobReport, isOverrun: boolean]>((resolve) => {
    stops = [
      catchStrayErrors((error) => resolve([failed(error, "An error that nobody handled: "), true])),
      surroundings.watchDeadline(() => resolve([late(), true]), deadlineAt - now()),
    ];
    runAndEnd().then((report) => resolve([report, false]));
  });
  artifacts.giveUp();
  if (isOverrun) over.abort(new Error(`The job is over: ${report.status}.`));
  return async () => {
    try {
      return await sendReport(surroundings, id, report, failed);
    } finally {
      for (const stop of stops) stop();
      const cleaned = artifacts.cleanUp();
      // After an interruption there is no time to wait for S3.
      if (!isOverrun) await cleaned;
    }
  };
}

const LATE = "The function's timeout came before the job had ended. Give it a longer one, or ";
const SAVE = "call job.save more often: nothing was saved since it began.";
const RESUME = "declare the job resumable and call job.save.";

function groundOf(
  { limits, stateBucket, continuation: schema }: AnyJobDefinition,
  source: CodePipelineJob,
  surroundings: Surroundings,
): readonly [JobArtifacts, StateStorage] {
  const store = surroundings.artifacts(artifactCredentials(source, surroundings));
  const artifacts = jobArtifacts(source.data, store, { ...ARTIFACT_LIMITS, ...limits });
  const path = stateBucket ? `${stateBucket}/${source.id}.json` : "";
  return [artifacts, { schema, path, own: surroundings.own, claim: artifacts.claim }];
}

function failedOf({ data }: CodePipelineJob, requestId: string | undefined): Failed {
  const { secretAccessKey, sessionToken } = data.artifactCredentials;
  return (error, prefix = "", type = failureTypeOf(error)) => {
    const message = reportedMessage(prefix + failureText(error), requestId, [secretAccessKey, sessionToken]);
    return { status: "Failed", type, message };
  };
}

function deadlineOf({ deadlineMarginMs }: AnyJobDefinition, context: LambdaContext, now: number): number {
  const remainingMs = context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
  const marginMs = deadlineMarginMs ?? Math.min(5000, Math.max(500, remainingMs / 10));
  return now + Math.max(0, remainingMs - marginMs);
}
