import type { Engine } from "../engine/engine.ts";
import { placeOfArn } from "../engine/place.ts";
import { findActionExecution } from "../store/action-execution.ts";
import type { Reader } from "../store/store.ts";

/** What somebody says of an approval, named by its token alone. */
export interface GivenDecision {
  readonly token: string;
  readonly status: "Approved" | "Rejected";
  readonly summary: string;
}

/** Where an approval is that was decided. */
export interface DecidedApproval {
  readonly pipeline: string;
  readonly executionId: string;
  readonly stage: string;
  readonly action: string;
  readonly status: "Approved" | "Rejected";
}

/** Longest summary. Unit: characters. Source: model, ApprovalSummary. */
const SUMMARY_CHARS_MAX = 512;

/** Reads a decision from JSON; undefined when it is none. */
export function decisionOf(token: string, body: Buffer): GivenDecision | undefined {
  try {
    const given = JSON.parse(body.toString("utf8")) as Partial<GivenDecision> | null; // looked at below
    const { status, summary = "" } = given ?? {};
    if (status !== "Approved" && status !== "Rejected") return undefined;
    return typeof summary === "string" && summary.length <= SUMMARY_CHARS_MAX ? { token, status, summary } : undefined;
  } catch {
    return undefined; // not JSON
  }
}

/** Decides an approval as the root of its pipeline's account; answers where it is, or what speaks against it, or nothing when there is none. */
export async function decide(
  decision: GivenDecision,
  { read, engine }: { readonly read: Reader; readonly engine: Pick<Engine, "decideApproval"> },
): Promise<DecidedApproval | { readonly problem: string } | undefined> {
  const { token, status } = decision;
  const row = await read.first(findActionExecution, { id: token });
  if (!row) return undefined;
  const { pipeline, stage, action, execution_id: executionId } = row;
  const by = `arn:aws:iam::${placeOfArn(pipeline).account}:root`;
  const problem = await engine.decideApproval({ ...decision, pipeline, stage, action, by });
  if (problem?.reason === "invalidToken") return undefined;
  const named = `${stage}/${action} of ${placeOfArn(pipeline).name}`;
  if (problem) return { problem: `${named} ${PROBLEMS[problem.reason]}` };
  return { pipeline: placeOfArn(pipeline).name, executionId, stage, action, status };
}

const PROBLEMS = {
  expired: "does not wait for an approval any more.",
  outdated: "does not wait any more: its pipeline was updated.",
  alreadyCompleted: "has been approved or rejected already.",
  summaryRequired: "needs a summary: give one with --summary.",
} as const;
