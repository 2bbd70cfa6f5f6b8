/* A function without the toolkit, as many are: it does its work, and then reports success. */

import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
import type { CodePipelineJobEvent } from "./event.ts";
import type { Job } from "./job.ts";
import { WAYS } from "./ways-to-end.scripted.ts";

const client = new CodePipelineClient({});

export async function handler(event: CodePipelineJobEvent): Promise<void> {
  const { id, data } = event["CodePipeline.job"];
  const { way } = JSON.parse(data.actionConfiguration.configuration.UserParameters ?? "{}");
  await WAYS[way]?.run({} as Job<{ way: string }>); // only ways that use nothing of it are run here
  await client.send(new PutJobSuccessResultCommand({ jobId: id }));
}
