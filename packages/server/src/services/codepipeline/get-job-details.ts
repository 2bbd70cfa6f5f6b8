import { readAction } from "../../engine/jobs.ts";
import { jobArtifact } from "../../engine/providers/job-event.ts";
import { findActionExecution } from "../../store/action-execution.ts";
import { findJob } from "../../store/job.ts";
import { onAnything } from "./access.ts";
import { served } from "./context.ts";
import { reportProblem } from "./errors.ts";
import type { JobData } from "./shapes.generated.ts";

/**
 * Answers what a job is about, with fresh credentials for its artifacts.
 *
 * Errors: `JobNotFoundException`. Source: reference §3; pipelineArn and pipelineExecutionId are left out, as
 * they are for all but custom jobs.
 */
export const getJobDetails = served({
  name: "GetJobDetails",
  access: () => onAnything("GetJobDetails"),
  async run({ jobId }, { store, declarations, issueCredentials }, { principal, region }) {
    const job = await store.read.first(findJob, { id: jobId });
    const row = job && (await store.read.first(findActionExecution, { id: job.action_execution_id }));
    if (!row || job.region !== region || job.account !== principal.account) {
      throw reportProblem({ reason: "jobNotFound" }, jobId);
    }
    const action = await readAction(store.read, row, declarations);
    const data: JobData = {
      actionTypeId: action.input.actionTypeId as NonNullable<JobData["actionTypeId"]>, // CreatePipeline checked it
      actionConfiguration: { configuration: action.input.resolvedConfiguration },
      pipelineContext: {
        pipelineName: action.pipelineName,
        stage: { name: action.stage },
        action: { name: action.name, actionExecutionId: action.id },
      },
      inputArtifacts: action.input.inputArtifacts.map(withoutNull),
      outputArtifacts: action.input.outputArtifacts.map(withoutNull),
      artifactCredentials: issueCredentials(action),
      ...(job.continuation_token !== null && { continuationToken: job.continuation_token }),
      ...(action.encryptionKey && { encryptionKey: action.encryptionKey }),
    };
    return { jobDetails: { id: jobId, data, accountId: job.account } };
  },
});

/** Replies of the API omit what is absent; only the function's event says null (reference §1). */
function withoutNull(artifact: Parameters<typeof jobArtifact>[0]) {
  const { name, revision, location } = jobArtifact(artifact);
  return { name, ...(revision !== null && { revision }), location };
}
