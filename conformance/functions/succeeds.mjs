/** Reports success for its job and does nothing else. */
import { CodePipeline } from "@aws-sdk/client-codepipeline";

const codePipeline = new CodePipeline();

export async function handler(event) {
  await codePipeline.putJobSuccessResult({ jobId: event["CodePipeline.job"].id });
}
