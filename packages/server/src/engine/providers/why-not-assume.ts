import type { Identity } from "../../identity/identity.ts";
import { asCaller } from "./as-caller.ts";
import type { StartedAction } from "./provider.ts";

/**
 * Why the pipeline's role may not assume the action's, in IAM's words; nothing if it may, or if there is only the one.
 *
 * Source: reference §4.2, an action's role is assumed through the pipeline's. The text at run time is our choice: the
 * service's own is known only for CreatePipeline.
 */
export async function whyNotAssume(
  identity: Pick<Identity, "mayAssume">,
  { roleArn, pipelineRoleArn }: Pick<StartedAction, "roleArn" | "pipelineRoleArn">,
  now: number,
): Promise<string | undefined> {
  if (roleArn === pipelineRoleArn) return undefined;
  const decision = await identity.mayAssume(asCaller(pipelineRoleArn, String(now)), roleArn);
  return decision.allowed ? undefined : decision.message;
}
