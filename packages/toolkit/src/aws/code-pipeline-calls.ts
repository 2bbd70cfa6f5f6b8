import type { CodePipelineClient } from "@aws-sdk/client-codepipeline";
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

type Sdk = typeof import("@aws-sdk/client-codepipeline");

/** CodePipeline with the function's own credentials, in its own region, which is that of the pipeline's action. */
export function codePipelineCalls(): CodePipelineCalls {
  let loading: Promise<{ readonly sdk: Sdk; readonly client: CodePipelineClient }> | undefined;
  const load = () => {
    loading ??= import("@aws-sdk/client-codepipeline").then((sdk) => ({
      sdk,
      client: new sdk.CodePipelineClient({
        maxAttempts: ATTEMPTS_MAX,
        requestHandler: { connectionTimeout: CONNECT_MS_MAX, requestTimeout: ANSWER_MS_MAX },
      }),
    }));
    return loading;
  };
  return {
    prepare() {
      load().catch(() => {}); // the first call tells
    },
    async putSuccess(jobId, report) {
      const { sdk, client } = await load();
      await client.send(new sdk.PutJobSuccessResultCommand({ jobId, ...successMembers(report) }));
    },
    async putFailure(jobId, { type, message }) {
      const { sdk, client } = await load();
      await client.send(new sdk.PutJobFailureResultCommand({ jobId, failureDetails: { type, message } }));
    },
    async freshCredentials(jobId) {
      const { sdk, client } = await load();
      const { jobDetails } = await client.send(new sdk.GetJobDetailsCommand({ jobId }));
      const credentials = jobDetails?.data?.artifactCredentials;
      if (!credentials) throw new Error("GetJobDetails gave no credentials.");
      const { accessKeyId = "", secretAccessKey = "", sessionToken = "" } = credentials;
      return { accessKeyId, secretAccessKey, sessionToken, expiresAt: Date.now() + CREDENTIALS_MS };
    },
  };
}

/** A report in the API's words. A token and variables are never together, because no report has both. */
export function successMembers(report: Parameters<CodePipelineCalls["putSuccess"]>[1]) {
  if (report.status === "Continued") return { continuationToken: report.continuationToken };
  const { variables, revision, summary } = report;
  return {
    ...(variables && { outputVariables: { ...variables } }),
    ...(summary && { executionDetails: { summary } }),
    ...(revision && {
      currentRevision: {
        revision: revision.revision,
        changeIdentifier: revision.changeIdentifier,
        ...(revision.created && { created: revision.created }),
        ...(revision.summary && { revisionSummary: revision.summary }),
      },
    }),
  };
}
