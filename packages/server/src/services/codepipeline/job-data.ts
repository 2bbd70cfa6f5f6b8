import { jobArtifact } from "../../engine/providers/job-event.ts";
import type { StartedAction } from "../../engine/providers/provider.ts";
import type { JobTable } from "../../store/job.ts";
import type { CodePipeline } from "./context.ts";
import type { JobData } from "./shapes.generated.ts";

/**
 * What a job is about, with fresh credentials for its artifacts. Secret values are plain here, for workers alone.
 *
 * Source: reference §3; pipelineArn and pipelineExecutionId are there for custom jobs only.
 */
export function jobData(job: JobTable, action: StartedAction, { issueCredentials }: CodePipeline): JobData {
  const { input } = action;
  return {
    actionTypeId: input.actionTypeId as NonNullable<JobData["actionTypeId"]>, // CreatePipeline checked it
    actionConfiguration: { configuration: input.resolvedConfiguration },
    pipelineContext: {
      pipelineName: action.pipelineName,
      stage: { name: action.stage },
      action: { name: action.name, actionExecutionId: action.id },
      ...(input.actionTypeId.owner === "Custom" && {
        pipelineArn: action.pipeline,
        pipelineExecutionId: action.executionId,
      }),
    },
    inputArtifacts: input.inputArtifacts.map(withoutNull),
    outputArtifacts: input.outputArtifacts.map(withoutNull),
    artifactCredentials: issueCredentials(action),
    ...(job.continuation_token !== null && { continuationToken: job.continuation_token }),
    ...(action.encryptionKey && { encryptionKey: action.encryptionKey }),
  };
}

/** Replies of the API omit what is absent; only the function's event says null (reference §1). */
function withoutNull(artifact: Parameters<typeof jobArtifact>[0]) {
  const { name, revision, location } = jobArtifact(artifact);
  return { name, ...(revision !== null && { revision }), location };
}
