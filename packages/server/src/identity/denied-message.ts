import type { Verdict } from "./evaluate.ts";

/** What a refusal tells about the request. */
export interface DeniedRequest {
  readonly arn: string;
  readonly action: string;
  /** `*` for an operation without a resource type; it is then left out. */
  readonly resource: string;
}

const SORT_WORDS = { identity: "identity-based", session: "session", resource: "resource-based" } as const;

/** A refusal in the service's words. Source: reference §1.2. */
export function deniedMessage({ arn, action, resource }: DeniedRequest, verdict: Verdict & { allowed: false }): string {
  // Nothing but another account makes a resource have a say in this. Source: the text that users of the service report.
  if (action === "iam:PassRole" && verdict.by === "resource") return "Cross-account pass role is not allowed.";
  const head = notAuthorized({ arn, action, resource });
  const sort = SORT_WORDS[verdict.by];
  if (!verdict.explicit) return `${head} because no ${sort} policy allows the ${action} action`;
  return `${head} with an explicit deny in ${sort.startsWith("i") ? "an" : "a"} ${sort} policy`;
}

/** The head of a refusal, which is all that STS and older services say. */
export function notAuthorized({ arn, action, resource }: DeniedRequest): string {
  const on = resource === "*" ? "" : ` on resource: ${resource}`;
  return `User: ${arn} is not authorized to perform: ${action}${on}`;
}
