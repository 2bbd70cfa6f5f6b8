import type { CodePipeline } from "@aws-sdk/client-codepipeline";
import { CREDENTIALS_MS } from "../artifacts/credentials.ts";
import type { CodePipelineCalls } from "../surroundings.ts";

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
    async putSuccess(jobId, report) {
      await (await client()).putJobSuccessResult({ jobId, ...successMembers(report) });
    },
    async putFailure(jobId, { type, message }) {
      await (await client()).putJobFailureResult({ jobId, failureDetails: { type, message } });
    },
    async freshCredentials(jobId) {
      const { jobDetails } = await (await client()).getJobDetails({ jobId });
      const credentials = jobDetails?.data?.artifactCredentials;
      if (!credentials) throw new Error("GetJobDetails gave no credentials.");
      const { accessKeyId = "", secretAccessKey = "", sessionToken = "" } = credentials;
      return { accessKeyId, secretAccessKey, sessionToken, expiresAt: Date.now() + CREDENTIALS_MS };
    },
  };
}

/** A report in the API's words. A token and variables are never together, because no report has both. */
function successMembers(report: Parameters<CodePipelineCalls["putSuccess"]>[1]) {
  if (report.status === "Continued") return { continuationToken: report.continuationToken };
  const { variables, revision, summary } = report;
  const { summary: revisionSummary, ...known } = revision ?? { revision: "", changeIdentifier: "" };
  return {
    outputVariables: variables && { ...variables },
    executionDetails: summary ? { summary } : undefined,
    currentRevision: revision && { ...known, revisionSummary },
  };
}
