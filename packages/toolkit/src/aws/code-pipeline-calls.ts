import type { CodePipeline } from "@aws-sdk/client-codepipeline";
import { CREDENTIALS_MS } from "../artifacts/credentials.ts";
import type { CodePipelineCalls, JobCredentials, JobReport, JobRevision } from "../surroundings.ts";

/** A report is worth more attempts than the SDK's three. */
const ATTEMPTS_MAX = 6;

/**
 * A function in a private network without a way to CodePipeline would wait until its timeout. So it is told instead.
 * Unit: milliseconds. Source: our choice.
 */
const CONNECT_MS_MAX = 3000;
const ANSWER_MS_MAX = 10_000;

/** CodePipeline with the function's own credentials, in its own region, which is that of the pipeline's action. */
export function codePipelineCalls(): CodePipelineCalls {
  let loading: Promise<CodePipeline> | undefined;
  const client = () => {
    loading ??= import("@aws-sdk/client-codepipeline").then(
      (sdk) =>
        new sdk.CodePipeline({
          maxAttempts: ATTEMPTS_MAX,
          requestHandler: { connectionTimeout: CONNECT_MS_MAX, requestTimeout: ANSWER_MS_MAX },
        }),
    );
    return loading;
  };
  return {
    prepare() {
      client().catch(() => {}); // the first call tells
    },
    async putReport(jobId, report) {
      const sdk = await client();
      if (report.status === "Failed") {
        const { type, message } = report;
        await sdk.putJobFailureResult({ jobId, failureDetails: { type, message } });
      } else await sdk.putJobSuccessResult({ jobId, ...successMembers(report) });
    },
    async freshCredentials(jobId) {
      const { jobDetails } = await (await client()).getJobDetails({ jobId });
      const keys = jobDetails?.data?.artifactCredentials as Omit<JobCredentials, "expiresAt"> | undefined; // all or none
      if (!keys) throw new Error("GetJobDetails gave no credentials.");
      return { ...keys, expiresAt: Date.now() + CREDENTIALS_MS };
    },
  };
}

/** A report in the API's words. A token and variables are never together, because no report has both. */
function successMembers(report: Exclude<JobReport, { status: "Failed" }>) {
  if (report.status === "Continued") return { continuationToken: report.continuationToken };
  const { variables: outputVariables, revision, summary } = report;
  return {
    ...(outputVariables && { outputVariables }),
    ...(summary && { executionDetails: { summary } }),
    ...(revision && { currentRevision: revisionMembers(revision) }),
  };
}

const revisionMembers = ({ summary: revisionSummary, ...known }: JobRevision) => ({ ...known, revisionSummary });
