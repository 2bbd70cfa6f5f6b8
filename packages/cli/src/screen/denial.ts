/** Reading the service's words about a refused call, and what would allow it. */
import type { RefusedCall } from "./view.ts";

export interface Denial {
  /** Name of the role that lacks the right; absent where the message does not tell. */
  readonly role?: string;
  /** Such as `codepipeline:PutJobSuccessResult`. */
  readonly action: string;
  readonly resource: string;
  readonly reason: "notAllowed" | "explicitDeny" | "artifactCredentials";
  /** The missing statement, ready to paste into a policy; absent where none would help. */
  readonly statement?: { readonly Effect: "Allow"; readonly Action: string; readonly Resource: string };
}

/** Source: reference §1.2, the texts of IAM's refusals. */
const REFUSAL = /User: (\S+) is not authorized to perform: ([\w-]+:\w+)(?: on resource: "?([^\s"]+)"?)?(.*)/s;

/** Undefined for a call that failed for another reason than rights. */
export function denialOf({ service, operation, code, message }: RefusedCall): Denial | undefined {
  if (!code.startsWith("AccessDenied")) return undefined;
  const [, user = "", action = `${service}:${operation}`, resource = "*", reasonText = ""] =
    REFUSAL.exec(message) ?? [];
  const role = /:assumed-role\/([^/]+)\//.exec(user)?.[1];
  const reason = reasonOf(reasonText);
  return {
    ...(role ? { role } : {}),
    action,
    resource,
    reason,
    ...(reason === "notAllowed" ? { statement: { Effect: "Allow", Action: action, Resource: resource } } : {}),
  };
}

/** Denials without repetition, in order: a retried function is refused every time. */
export function denialsOf(refused: readonly RefusedCall[]): readonly Denial[] {
  const found = refused.flatMap((call) => denialOf(call) ?? []);
  return [...new Map(found.map((denial) => [JSON.stringify(denial), denial])).values()];
}

/** What to do, in lines. */
export function denialRemedy({ role, resource, reason, statement }: Denial): readonly string[] {
  const owner = role ? `role ${role}` : "its role";
  if (reason === "explicitDeny")
    return [`A policy denies it explicitly. Take that "Deny" statement out of the policies of ${owner}.`];
  if (reason === "artifactCredentials") {
    return [
      `Artifact credentials reach the input and output artifacts of their own action, and ${resource} is none of them.`,
      "Name the artifact under inputArtifacts or outputArtifacts of the action, or use the function's own role.",
    ];
  }
  return [`Add this statement to a policy of ${owner}:`, `  ${JSON.stringify(statement)}`];
}

function reasonOf(text: string): Denial["reason"] {
  if (text.includes("explicit deny")) return "explicitDeny";
  return text.includes("no session policy") ? "artifactCredentials" : "notAllowed";
}
