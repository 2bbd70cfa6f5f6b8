import { CodePipelineClient, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
import type { CodePipelineJobEvent } from "@penstock/toolkit";
import { readInput, writeOutput } from "./artifacts.ts";
import { note } from "./ledger.ts";

const pipeline = new CodePipelineClient({});

/** Continues twice; the third job writes its input in capitals and tells how many words there are. */
export async function handler(event: CodePipelineJobEvent): Promise<void> {
  const job = event["CodePipeline.job"];
  note(job.id, "invoked");
  const done = Number(job.data.continuationToken ?? 0);
  if (done < 2) {
    await pipeline.send(new PutJobSuccessResultCommand({ jobId: job.id, continuationToken: String(done + 1) }));
  } else {
    const text = await readInput(job);
    await writeOutput(job, text.toUpperCase());
    const outputVariables = { Words: String(text.split(" ").length) };
    await pipeline.send(new PutJobSuccessResultCommand({ jobId: job.id, outputVariables }));
  }
  note(job.id, "reported");
}
