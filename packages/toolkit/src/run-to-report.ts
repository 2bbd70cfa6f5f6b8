import { artifactCredentials } from "./artifacts/credentials.ts";
import { type JobArtifacts, jobArtifacts } from "./artifacts/job-artifacts.ts";
import type { AnyJobDefinition, LambdaContext } from "./define-job.ts";
import type { DecidedJob } from "./deliveries.ts";
import type { CodePipelineJob } from "./event.ts";
import { JobFailed } from "./failure.ts";
import { failureText, failureTypeOf } from "./failure-of.ts";
import { type LiveJob, type LiveJobGround, liveJob } from "./live-job.ts";
import { reportedMessage } from "./message.ts";
import { sendReport } from "./report.ts";
import { type StateStorage, TOKEN_OF_OUTPUT } from "./state-token.ts";
import { catchStrayErrors } from "./stray-errors.ts";
import type { JobReport, ObjectStore, Surroundings } from "./surroundings.ts";
import { readParameters } from "./user-parameters.ts";
import { ARTIFACT_LIMITS } from "./zip/read-directory.ts";

/** A job, and where it runs. */
export interface Delivery {
  readonly source: CodePipelineJob;
  readonly context: LambdaContext;
  readonly surroundings: Surroundings;
}

/** One run, with what outlives it. */
interface Run extends LiveJobGround {
  readonly definition: AnyJobDefinition;
  /** The report of what an error means. */
  readonly failedBy: (error: unknown, prefix?: string) => JobReport;
  savedToken?: string;
}

/** What a run came to, and whether it still runs. */
type End = readonly [report: JobReport, isOverrun: boolean];

/** Runs a job until it is known what to report. Never fails: every error is a report. */
export async function runToReport(definition: AnyJobDefinition, delivery: Delivery): Promise<DecidedJob> {
  const { codePipeline } = delivery.surroundings;
  codePipeline.prepare();
  const run = newRun(definition, delivery);
  const { artifacts } = run;
  const [interrupted, stopDeadline, stopCatching] = watchRun(run);
  const [report, isOverrun] = await Promise.race([runAndEnd(run), interrupted]);
  stopDeadline();
  if (isOverrun) {
    artifacts.giveUp();
    run.over.abort(new Error(`The job is over: ${report.status}.`));
  }
  return {
    async send() {
      try {
        return await sendReport(codePipeline, run.source.id, report, run.failedBy);
      } finally {
        stopCatching();
        const cleaned = artifacts.cleanUp().catch((error: unknown) => {
          console.warn(`What was begun of an output artifact could not be removed: ${failureText(error)}`);
        });
        // After an interruption there is no time to wait for S3.
        if (!isOverrun) await cleaned;
      }
    },
  };
}

function newRun(definition: AnyJobDefinition, delivery: Delivery): Run {
  const { source, context, surroundings } = delivery;
  const { own, codePipeline } = surroundings;
  const now = () => surroundings.now();
  const store = surroundings.artifacts(artifactCredentials(source, codePipeline, now));
  const artifacts = jobArtifacts(source, store, { ...ARTIFACT_LIMITS, ...definition.limits });
  const { secretAccessKey, sessionToken } = source.data.artifactCredentials;
  const remainingMs = context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
  const marginMs = definition.deadlineMarginMs ?? Math.min(5000, Math.max(500, remainingMs / 10));
  const failed: Run["failed"] = (type, text) => {
    const message = reportedMessage(text, context.awsRequestId, [secretAccessKey, sessionToken]);
    return { status: "Failed", type, message };
  };
  return {
    ...delivery,
    definition,
    artifacts,
    storage: { bucket: stateBucket(definition.stateBucket, source.id, own), output: artifacts.stateOutput },
    over: new AbortController(),
    failed,
    failedBy: (error, prefix = "") => failed(failureTypeOf(error), prefix + failureText(error)),
    deadlineAt: now() + Math.max(0, remainingMs - marginMs),
  };
}

function stateBucket(named: string | undefined, jobId: string, store: ObjectStore): StateStorage["bucket"] {
  if (named === undefined) return undefined;
  const [Bucket = "", ...prefix] = named.split("/");
  return { place: { Bucket, Key: [...prefix, `${jobId}.json`].join("/") }, store };
}

type Watch = readonly [interrupted: Promise<End>, stopDeadline: () => void, stopCatching: () => void];

function watchRun(run: Run): Watch {
  const { surroundings, deadlineAt } = run;
  let interrupt: (report: JobReport) => void = () => {};
  const interrupted = new Promise<End>((resolve) => {
    interrupt = (report) => resolve([report, true]);
  });
  const stopCatching = catchStrayErrors((error) => interrupt(run.failedBy(error, "An error that nobody handled: ")));
  const stopDeadline = Number.isFinite(deadlineAt)
    ? surroundings.watchDeadline(() => interrupt(reportOfDeadline(run)), deadlineAt - surroundings.now())
    : () => {};
  return [interrupted, stopDeadline, stopCatching];
}

/** From the parameters to the last byte of the outputs. */
async function runAndEnd(run: Run): Promise<End> {
  const { definition, source, artifacts } = run;
  let live: LiveJob | undefined;
  try {
    const text = source.data.actionConfiguration?.configuration?.UserParameters;
    const parameters = await readParameters(text, definition.parameters);
    live = await liveJob(run, parameters, (token) => {
      run.savedToken = token;
    });
    await definition.run(live.job as Parameters<typeof definition.run>[0]); // its types are those of the schemas
    const report = await live.report();
    if (report.status !== "Failed") await artifacts.closeOutputs();
    if (report.status === "Succeeded" && live.hasStateInOutput()) throw stateAsArtifact(artifacts);
    return [report, false];
  } catch (error) {
    return [live?.failure() ?? run.failedBy(error), false];
  }
}

const stateAsArtifact = ({ shown: { outputs } }: JobArtifacts) =>
  new JobFailed(
    `The output artifact '${outputs[0]}' was never written; the next action would read the saved state in its place. Write the artifact, or name a 'stateBucket'.`,
  );

function reportOfDeadline({ definition: { resumable }, savedToken, artifacts, failed }: Run): JobReport {
  // A saved state is lost when the artifact itself has taken its place.
  const isLost = savedToken === TOKEN_OF_OUTPUT && artifacts.isStateReplaced();
  if (resumable && savedToken !== undefined && !isLost) return { status: "Continued", continuationToken: savedToken };
  const remedy = resumable
    ? "call job.save more often: nothing was saved since it began"
    : "declare the job resumable and call job.save";
  return failed(
    "JobFailed",
    `The function's timeout came before the job had ended. Give the function a longer timeout, or ${remedy}.`,
  );
}
