import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
import type { CodePipelineJobEvent } from "@penstock/toolkit";

const pipeline = new CodePipelineClient({});

/** Reports success, and nothing else. */
export async function handler(event: CodePipelineJobEvent): Promise<void> {
  await pipeline.send(new PutJobSuccessResultCommand({ jobId: event["CodePipeline.job"].id }));
}
