import type { ApprovalProblem } from "../../engine/approvals.ts";
import { ServiceError } from "../../wire/error.ts";
import type { Call } from "../../wire/operation.ts";
import { onPipeline } from "./access.ts";
import { type CodePipeline, served } from "./context.ts";
import { actionNotFound } from "./errors.ts";
import { currentDeclaration, requirePipeline, requireStage } from "./find.ts";
import type { PutApprovalResultInput } from "./shapes.generated.ts";

/**
 * Somebody approves or rejects what a manual approval waits for.
 *
 * Errors: `PipelineNotFoundException`, `StageNotFoundException`, `ActionNotFoundException`,
 * `InvalidApprovalTokenException`, `ApprovalAlreadyCompletedException`. Source: reference §14.
 */
export const putApprovalResult = served({
  name: "PutApprovalResult",
  access: ({ pipelineName, stageName, actionName }, _, call) =>
    onPipeline("PutApprovalResult", `${pipelineName}/${stageName}/${actionName}`, call),
  async run(input, context, call) {
    const { arn: pipeline } = await requirePipeline(input.pipelineName, context, call);
    const problem = await context.engine.decideApproval({
      pipeline,
      stage: input.stageName,
      action: input.actionName,
      token: input.token,
      status: input.result.status,
      summary: input.result.summary,
      by: call.principal.arn,
    });
    if (problem) throw await refusal(problem, input, context, call);
    return { approvedAt: context.clock.now() };
  },
});

/** A stage or action that is not there is told only when no approval was meant: one may wait in a declaration of before. */
async function refusal(
  { reason }: ApprovalProblem,
  { pipelineName, stageName, actionName }: PutApprovalResultInput,
  context: CodePipeline,
  call: Call,
): Promise<ServiceError> {
  switch (reason) {
    case "invalidToken": {
      const declaration = await currentDeclaration(await requirePipeline(pipelineName, context, call), context);
      const { stage } = requireStage(declaration, stageName);
      if (!stage.actions.some(({ name }) => name === actionName)) return actionNotFound(stageName, actionName);
      return invalidToken(`The token is not that of an approval of action '${actionName}' in stage '${stageName}'.`);
    }
    case "expired":
      return invalidToken(
        `The approval request of action '${actionName}' in stage '${stageName}' is not open any more.`,
      );
    case "outdated": // Source: reference §10.3, seen at the service.
      return invalidToken(
        `The pipeline ${pipelineName} has been updated, and the approval request you responded to is now out of date.`,
      );
    case "summaryRequired": // Source: reference §14, seen at the service.
      return invalidToken(
        `Action '${actionName}' in stage '${stageName}' requires a summary. Provide a summary in the approval result and try again.`,
      );
    case "alreadyCompleted":
      return new ServiceError(
        "ApprovalAlreadyCompletedException",
        `Action '${actionName}' in stage '${stageName}' has already been approved or rejected.`,
      );
  }
}

/** Source: our choice for the texts, where no other source is named. */
const invalidToken = (message: string) => new ServiceError("InvalidApprovalTokenException", message);
