import { APPROVAL_MS_DEFAULT } from "@penstock/pipeline";
import type { StartedAction, WaitingProvider } from "./provider.ts";

/**
 * The manual approval: waits until somebody approves or rejects, by PutApprovalResult with the action's own id as the
 * token, and fails when nobody has.
 *
 * Source: reference §14. An SNS topic is told nothing, because there is no SNS here: our choice is to say so and to
 * wait all the same, since whoever approves finds the token in GetPipelineState.
 */
export const manualApproval: WaitingProvider = {
  type: "wait",
  waitMs: ({ input }) => (input.timeoutInMinutes === undefined ? APPROVAL_MS_DEFAULT : input.timeoutInMinutes * 60_000),
  asks: ({ input }) => {
    const { CustomData, ExternalEntityLink, NotificationArn } = input.resolvedConfiguration;
    const parts = [
      ...(CustomData ? [CustomData] : []),
      ...(ExternalEntityLink ? [`See ${ExternalEntityLink}.`] : []),
      ...(NotificationArn ? [`SNS is not served here, so ${NotificationArn} is not told.`] : []),
    ];
    return { message: parts.join(" ") };
  },
  outputOf: ({ id }) => ({ externalExecutionId: id }),
  expired: ({ id }) => ended(id, EXPIRED),
  cancelled: ({ id }) => ended(id, APPROVAL_CANCELLED),
};

const ended = (id: string, summary: string) => ({
  externalExecutionId: id,
  summary,
  error: { code: "JobFailed", message: summary },
});

/** What an approval ends with whose pipeline is updated. Source: reference §10.3, seen at the service. */
export const APPROVAL_CANCELLED = "The approval action has been canceled.";

/** Source: our choice, after the service's word for an approval that an update of its pipeline cancels. */
const EXPIRED = "The approval action has timed out.";

/** Whether a decision on it needs a summary that says something. */
export function requiresSummary({ input }: StartedAction): boolean {
  return input.resolvedConfiguration["IsSummaryRequired"]?.toLowerCase() === "true";
}
