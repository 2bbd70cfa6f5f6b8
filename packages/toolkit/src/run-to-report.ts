import { artifactCredentials } from "./artifacts/credentials.ts";
import { type JobArtifacts, jobArtifacts } from "./artifacts/job-artifacts.ts";
import type { AnyJobDefinition, LambdaContext } from "./define-job.ts";
import type { DecidedJob } from "./deliveries.ts";
import type { CodePipelineJob } from "./event.ts";
import { type FailureType, JobFailed } from "./failure.ts";
import { failureText, failureTypeOf } from "./failure-of.ts";
import { type LiveJob, type LiveJobGround, liveJob, type Word } from "./live-job.ts";
import { cutText, reportedMessage } from "./message.ts";
import { checkVariables } from "./output-variables.ts";
import { sendReport } from "./report.ts";
import { accepted } from "./standard-schema.ts";
import { type StateStorage, TOKEN_OF_OUTPUT } from "./state-token.ts";
import { catchStrayErrors } from "./stray-errors.ts";
import type { JobReport, JobRevision, ObjectCalls, Surroundings } from "./surroundings.ts";
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
  readonly toMessage: (text: string) => string;
  savedToken: string | undefined;
}

/** What ended a run. */
type End =
  | { readonly type: "ended"; readonly report: JobReport }
  | { readonly type: "astray"; readonly error: unknown }
  | { readonly type: "deadline" };

/** Runs a job until it is known what to report. Never fails: every error is a report. */
export async function runToReport(definition: AnyJobDefinition, delivery: Delivery): Promise<DecidedJob> {
  const { codePipeline } = delivery.surroundings;
  codePipeline.prepare();
  const run = newRun(definition, delivery);
  const watch = watchRun(run);
  const end = await Promise.race([runAndEnd(run), watch.interrupted]);
  watch.stopDeadline();
  const report = reportOf(run, end);
  const isOverrun = end.type !== "ended";
  if (isOverrun) {
    run.artifacts.giveUp();
    run.over.abort(new Error(`The job is over: ${report.status}.`));
  }
  return {
    async send() {
      try {
        return await sendReport(codePipeline, run.source.id, report, run.toMessage);
      } finally {
        watch.stopCatching();
        const cleaned = run.artifacts.cleanUp().catch(tellOfLeftover);
        // After an interruption there is no time to wait for S3.
        if (!isOverrun) await cleaned;
      }
    },
  };
}

function tellOfLeftover(error: unknown): void {
  console.warn(`What an output artifact had begun to write could not be removed: ${failureText(error)}`);
}

function newRun(definition: AnyJobDefinition, delivery: Delivery): Run {
  const { source, context, surroundings } = delivery;
  const calls = surroundings.artifacts(
    artifactCredentials(source, surroundings.codePipeline, () => surroundings.now()),
  );
  const artifacts = jobArtifacts(source, calls, { ...ARTIFACT_LIMITS, ...definition.limits });
  const { secretAccessKey, sessionToken } = source.data.artifactCredentials;
  const remainingMs = context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
  const marginMs = definition.deadlineMarginMs ?? Math.min(5000, Math.max(500, remainingMs / 10));
  return {
    ...delivery,
    definition,
    artifacts,
    storage: {
      bucket: stateBucket(definition.stateBucket, source.id, surroundings.own),
      output: artifacts.stateOutput,
    },
    over: new AbortController(),
    toMessage: (text) => reportedMessage(text, context.awsRequestId, [secretAccessKey, sessionToken]),
    deadlineAt: surroundings.now() + Math.max(0, remainingMs - marginMs),
    savedToken: undefined,
  };
}

function stateBucket(named: string | undefined, jobId: string, calls: ObjectCalls): StateStorage["bucket"] {
  if (named === undefined) return undefined;
  const [bucket = "", ...prefix] = named.split("/");
  return { place: { bucket, key: [...prefix, `${jobId}.json`].join("/") }, calls };
}

interface Watch {
  readonly interrupted: Promise<End>;
  stopDeadline(): void;
  stopCatching(): void;
}

function watchRun({ surroundings, deadlineAt }: Run): Watch {
  let interrupt: (end: End) => void = () => {};
  const interrupted = new Promise<End>((resolve) => {
    interrupt = resolve;
  });
  const stopCatching = catchStrayErrors((error) => interrupt({ type: "astray", error }));
  if (deadlineAt === Number.POSITIVE_INFINITY) return { interrupted, stopDeadline() {}, stopCatching };
  const inMs = deadlineAt - surroundings.now();
  const stopDeadline = surroundings.watchDeadline(() => interrupt({ type: "deadline" }), inMs);
  return { interrupted, stopDeadline, stopCatching };
}

/** From the parameters to the last byte of the outputs. */
async function runAndEnd(run: Run): Promise<End> {
  const { definition, source } = run;
  let live: LiveJob | undefined;
  try {
    const parameters = await readParameters(
      source.data.actionConfiguration?.configuration?.UserParameters,
      definition.parameters,
    );
    live = await liveJob(run, parameters, (token) => {
      run.savedToken = token;
    });
    await definition.run(live.job as Parameters<typeof definition.run>[0]); // its types are those of the schemas
    const report = await toReport(run, live.word() ?? { type: "succeed", result: {} });
    if (report.status !== "Failed") await run.artifacts.closeOutputs();
    if (report.status === "Succeeded") refuseStateAsArtifact(live, run.artifacts);
    return { type: "ended", report };
  } catch (error) {
    const word = live?.word();
    if (word?.type === "fail") return { type: "ended", report: failed(run, word.failureType, word.message) };
    return { type: "ended", report: failed(run, failureTypeOf(error), failureText(error)) };
  }
}

async function toReport(run: Run, word: Word): Promise<JobReport> {
  if (word.type === "fail") return failed(run, word.failureType, word.message);
  if (word.type === "continue") return { status: "Continued", continuationToken: await word.token };
  const { revision, summary } = word.result;
  const variables = await readVariables(run.definition, word.result.variables);
  return {
    status: "Succeeded",
    ...(Object.keys(variables).length > 0 && { variables }),
    ...(revision && { revision: checkedRevision(revision) }),
    ...(summary && { summary: cutText(summary, SUMMARY_CHARACTERS_MAX) }),
  };
}

async function readVariables(
  { variables: schema }: AnyJobDefinition,
  given: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  return checkVariables(
    await accepted(
      schema,
      [given],
      ([issues]) => new JobFailed(`The output variables are not what was declared: ${issues}`),
    ),
  );
}

/** Unit: UTF-16 code units, all three. Source: CodePipeline API reference, PutJobSuccessResult. */
const SUMMARY_CHARACTERS_MAX = 2048;
const REVISION_CHARACTERS_MAX = 1500;
const CHANGE_CHARACTERS_MAX = 100;

function checkedRevision({ revision, changeIdentifier, created, summary }: JobRevision): JobRevision {
  checkLength("revision", revision, REVISION_CHARACTERS_MAX);
  checkLength("revision's changeIdentifier", changeIdentifier, CHANGE_CHARACTERS_MAX);
  return {
    revision,
    changeIdentifier,
    ...(created && { created }),
    ...(summary && { summary: cutText(summary, SUMMARY_CHARACTERS_MAX) }),
  };
}

function checkLength(what: string, text: string, charactersMax: number): void {
  if (text.length >= 1 && text.length <= charactersMax) return;
  throw new JobFailed(`The ${what} has ${text.length} characters; it must have 1 to ${charactersMax}.`);
}

function refuseStateAsArtifact(live: LiveJob, { outputs }: JobArtifacts): void {
  if (!live.hasStateInOutput()) return;
  throw new JobFailed(
    `The output artifact '${outputs[0]}' was never written; its place still has a saved state, which the next action would read. Write the artifact, or name a bucket by 'stateBucket'.`,
  );
}

function reportOf(run: Run, end: End): JobReport {
  if (end.type === "ended") return end.report;
  if (end.type === "astray") {
    const text = `An error that nobody handled: ${failureText(end.error)}`;
    return failed(run, failureTypeOf(end.error), text);
  }
  const { resumable } = run.definition;
  if (resumable && run.savedToken !== undefined && !isLost(run)) {
    return { status: "Continued", continuationToken: run.savedToken };
  }
  const remedy = resumable
    ? "The job is resumable, but has saved no state since it began: call job.save more often, or give the function a longer timeout."
    : "Give the function a longer timeout, or declare the job resumable and call job.save.";
  return failed(run, "JobFailed", `The function's timeout came before the job had ended. ${remedy}`);
}

/** A saved state is lost when the artifact itself has taken its place. */
function isLost({ savedToken, artifacts }: Run): boolean {
  return savedToken === TOKEN_OF_OUTPUT && artifacts.isStateReplaced();
}

const failed = (run: Run, type: FailureType, text: string): JobReport => ({
  status: "Failed",
  type,
  message: run.toMessage(text),
});
