import { readAction, storyPlace } from "../../engine/jobs.ts";
import { acknowledgeJob } from "../../engine/worker-jobs.ts";
import type { Call } from "../../wire/operation.ts";
import type { CodePipeline } from "./context.ts";
import { acknowledgeProblem } from "./errors.ts";

/** Takes a worker's word that it has a job, and tells it. Throws what the operations say. */
export async function acknowledged(
  asked: { readonly jobId: string; readonly nonce: string; readonly clientToken?: string },
  { engine, declarations, clock }: CodePipeline,
  { principal, region }: Call,
): Promise<{ readonly status: "InProgress" }> {
  const { account, arn: worker } = principal;
  await engine.commit("acknowledgeJob", async (tx, happened) => {
    const now = clock.now();
    const answer = await acknowledgeJob(tx, { ...asked, account, region, worker }, now);
    if ("problem" in answer) throw acknowledgeProblem(answer.problem, asked.jobId);
    const action = await readAction(tx, answer.row, declarations);
    happened.story.push({ ...storyPlace(action, asked.jobId, now), type: "acknowledged", worker });
  });
  return { status: "InProgress" };
}
