import { ANSWER_MS_MAX, ATTEMPTS_MAX, CONNECT_MS_MAX, CREDENTIALS_MS } from "../limits.ts";
import type { CodePipelineCalls, JobCredentials, JobReport, JobRevision } from "../surroundings.ts";

/**
 * CodePipeline with the function's own credentials, in its own region, which is that of the pipeline's action. What the
 * first call needs is loaded from now on.
 */
export function codePipelineCalls(): CodePipelineCalls {
  const client = import("@aws-sdk/client-codepipeline").then(
    (sdk) =>
      new sdk.CodePipeline({
        maxAttempts: ATTEMPTS_MAX,
        requestHandler: { connectionTimeout: CONNECT_MS_MAX, requestTimeout: ANSWER_MS_MAX },
      }),
  );
  client.catch(() => {}); // the first call tells
  return {
    async putReport(jobId, report) {
      const sdk = await client;
      if (report.status === "Failed") {
        const { status: _, ...failureDetails } = report;
        await sdk.putJobFailureResult({ jobId, failureDetails });
        return;
      }
      const { continuationToken, variables, revision, summary }: SuccessMembers = report;
      await sdk.putJobSuccessResult({
        jobId,
        continuationToken,
        outputVariables: variables,
        executionDetails: summary ? { summary } : undefined,
        currentRevision: revision && revisionMembers(revision),
      });
    },
    async renewCredentials(jobId) {
      const { jobDetails } = await (await client).getJobDetails({ jobId });
      const keys = jobDetails?.data?.artifactCredentials as Omit<JobCredentials, "expiration"> | undefined; // all or none
      if (!keys) throw new Error("GetJobDetails gave no credentials.");
      return { ...keys, expiration: new Date(Date.now() + CREDENTIALS_MS) };
    },
  };
}

/** What a success and a continuation have; a token and the others are never together, because no report has both. */
interface SuccessMembers extends Partial<Omit<Extract<JobReport, { status: "Succeeded" }>, "status">> {
  readonly continuationToken?: string;
}

const revisionMembers = ({ summary, ...known }: JobRevision) => ({ ...known, revisionSummary: summary || undefined });
