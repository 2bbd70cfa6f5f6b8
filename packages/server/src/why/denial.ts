/** Reading the service's words about a refused call, and what would allow it. */
import type { MissingStatement } from "./diagnosis.ts";

export interface Denial {
  /** Name of the role that lacks the right; absent where the message does not tell. */
  readonly role?: string;
  /** Such as `codepipeline:PutJobSuccessResult`. */
  readonly action: string;
  readonly resource: string;
  readonly reason: "notAllowed" | "explicitDeny" | "artifactCredentials" | "resourcePolicy";
  /** The missing statement, ready to paste into a policy; absent where none would help. */
  readonly missing?: MissingStatement;
}

/** A call that was refused. */
export interface DeniedCall {
  readonly service: string;
  readonly operation: string;
  readonly error: { readonly code: string; readonly message: string };
}

/** Source: reference §1.2, the texts of IAM's refusals. */
const REFUSAL = /User: (\S+) is not authorized to perform: ([\w-]+:\w+)(?: on resource: "?([^\s"]+)"?)?(.*)/s;

/** Undefined for a call that failed for another reason than rights. */
export function denialOf({ service, operation, error }: DeniedCall): Denial | undefined {
  const [, user = "", action = `${service}:${operation}`, resource = "*", reasonText = ""] =
    REFUSAL.exec(error.message) ?? [];
  if (!error.code.startsWith("AccessDenied") && user === "") return undefined;
  const role = /:assumed-role\/([^/]+)\//.exec(user)?.[1];
  const reason = reasonOf(reasonText);
  const missing = {
    ...(role !== undefined && { role }),
    statement: { Effect: "Allow", Action: action, Resource: resource } as const,
  };
  return { ...(role !== undefined && { role }), action, resource, reason, ...(reason === "notAllowed" && { missing }) };
}

function reasonOf(text: string): Denial["reason"] {
  if (text.includes("explicit deny")) return "explicitDeny";
  if (text.includes("no session policy")) return "artifactCredentials";
  return text.includes("no resource-based policy") ? "resourcePolicy" : "notAllowed";
}

/** What happened, in one sentence. */
export function denialSentence({ action, resource }: Denial): string {
  return `It was denied ${action}${resource === "*" ? "" : ` on ${resource}`}.`;
}

/** What to do. `inputs` are ARNs of the action's input artifacts. */
export function denialRemedy(denial: Denial, inputs: readonly string[] = []): string {
  const { role, action, resource, reason, missing } = denial;
  const owner = role === undefined ? "its role" : `role ${role}`;
  if (reason === "explicitDeny") {
    return `A policy denies it explicitly. Take that "Deny" statement out of the policies of ${owner}.`;
  }
  if (reason === "resourcePolicy") {
    return `The policy of ${resource} decides alone here, and names nobody who asked. Add a statement for ${owner} to it.`;
  }
  if (isUnwritten(denial, inputs)) {
    return "The input artifact was never written: the action before declared it and did not put it there. S3 tells nobody who may not list the bucket that an object is missing. Have that action write it before it reports success.";
  }
  if (reason === "artifactCredentials") {
    return [
      `Artifact credentials reach the input and output artifacts of their own action, and ${resource} is none of them${action === "s3:ListBucket" ? ", or the object is not there" : ""}.`,
      "Name the artifact under inputArtifacts or outputArtifacts of the action, or use the function's own role.",
    ].join("\n");
  }
  return [`Add this statement to a policy of ${owner}:`, `  ${JSON.stringify(missing?.statement)}`].join("\n");
}

/** S3 asks for the right to list when an object that may be read is not there. */
function isUnwritten({ action, resource }: Denial, inputs: readonly string[]): boolean {
  return action === "s3:ListBucket" && inputs.some((arn) => arn.startsWith(`${resource}/`));
}
