/** Reports success with the AWS SDK v3. */
import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";

const client = new CodePipelineClient({});

export async function handler(event) {
  await client.send(new PutJobSuccessResultCommand({ jobId: event["CodePipeline.job"].id }));
}
