/* Functions whose reports go wrong: the parameter `way` says how. Everything but the first call is real. */

import { CodePipelineClient, ListPipelinesCommand, PutJobSuccessResultCommand } from "@aws-sdk/client-codepipeline";
import { aws } from "./aws/surroundings.ts";
import { defineJob, type JobHandler, runHandlerIn } from "./define-job.ts";
import type { Surroundings } from "./surroundings.ts";

const seen = new Map<string, { runs: number; reports: number }>();

const counting = defineJob({
  run(job) {
    const counts = countsOf(job.id);
    counts.runs += 1;
    return job.succeed({ variables: { Runs: String(counts.runs) } });
  },
});

function countsOf(jobId: string): { runs: number; reports: number } {
  const counts = seen.get(jobId) ?? { runs: 0, reports: 0 };
  seen.set(jobId, counts);
  return counts;
}

/** The first report of a job is refused, or taken without an answer. */
export const handler: JobHandler = (event, context = {}) => {
  const real = aws();
  const isLost = JSON.stringify(event["CodePipeline.job"].data.actionConfiguration).includes("gets lost");
  const putReport: Surroundings["putReport"] = async (jobId, report) => {
    const counts = countsOf(jobId);
    counts.reports += 1;
    if (counts.reports > 1) return await real.putReport(jobId, report);
    if (isLost) await real.putReport(jobId, report);
    throw Object.assign(new Error("for example"), { name: isLost ? "TimeoutError" : "ThrottlingException" });
  };
  return runHandlerIn(counting, { ...real, putReport }, event, context);
};

/** Puts a result of its own, as a program does that was only half moved, and then says something else. */
export const byItself = defineJob({
  async run(job) {
    await new CodePipelineClient({}).send(new PutJobSuccessResultCommand({ jobId: job.id }));
    return job.succeed({ variables: { Said: "late" } });
  },
});

/** Makes a call that its role may not make. */
export const denied = defineJob({
  async run() {
    await new CodePipelineClient({}).send(new ListPipelinesCommand({}));
  },
});
