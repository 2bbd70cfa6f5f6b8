import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
import type { CodePipelineJobEvent } from "@penstock/toolkit";
import { readInput, writeOutput } from "./artifacts.ts";
import { note } from "./ledger.ts";

const pipeline = new CodePipelineClient({});

/** Writes its parameters before its input: the variables of another action with what that wrote. */
export async function handler(event: CodePipelineJobEvent): Promise<void> {
  const job = event["CodePipeline.job"];
  note(job.id, "invoked");
  await writeOutput(job, `${job.data.actionConfiguration.configuration.UserParameters}: ${await readInput(job)}`);
  await pipeline.send(new PutJobSuccessResultCommand({ jobId: job.id }));
  note(job.id, "reported");
}
