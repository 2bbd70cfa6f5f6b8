/** Reading the service's words about a refused call, and what would allow it. */
import type { MissingStatement } from "./diagnosis.ts";

export interface Denial {
  /** Name of the role that was refused; absent where the message does not tell. */
  readonly role?: string;
  /** Twelve digits: the account of whoever was refused; absent as above. */
  readonly account?: string;
  /** Such as `codepipeline:PutJobSuccessResult`. */
  readonly action: string;
  readonly resource: string;
  readonly reason:
    | "notAllowed"
    | "explicitDeny"
    | "resourceDeny"
    | "artifactCredentials"
    | "resourcePolicy"
    | "eitherSide";
  /** The missing statement, ready to paste into a policy; absent where none would help, or one alone does not. */
  readonly missing?: MissingStatement;
}

/** A call that was refused. */
export interface DeniedCall {
  readonly service: string;
  readonly operation: string;
  readonly error: { readonly code: string; readonly message: string };
}

/** What is known of the action around a refused call. */
export interface DenialScene {
  /** Twelve digits: the pipeline's account. */
  readonly account?: string;
  /** ARNs of the action's input artifacts. */
  readonly inputs?: readonly string[];
  /** Whether the artifact store declares a KMS key. */
  readonly hasKey?: boolean;
}

/** Source: reference §1.2, the texts of IAM's refusals. */
const REFUSAL = /User: (\S+) is not authorized to perform: ([\w-]+:\w+)(?: on resource: "?([^\s"]+)"?)?(.*)/s;

/** Undefined for a call that failed for another reason than rights. */
export function denialOf({ service, operation, error }: DeniedCall): Denial | undefined {
  const [, user = "", action = `${service}:${operation}`, resource = "*", reasonText = ""] =
    REFUSAL.exec(error.message) ?? [];
  if (!error.code.startsWith("AccessDenied") && user === "") return undefined;
  const role = /:assumed-role\/([^/]+)\//.exec(user)?.[1];
  const account = user.split(":")[4];
  const denial = {
    ...(role !== undefined && { role }),
    ...(account !== undefined && { account }),
    ...{ action, resource, reason: reasonOf(reasonText, action) },
  };
  const missing = missingIn(denial);
  return { ...denial, ...(missing && { missing }) };
}

function reasonOf(text: string, action: string): Denial["reason"] {
  if (text.includes("explicit deny in a resource-based")) return "resourceDeny";
  if (text.includes("explicit deny")) return "explicitDeny";
  if (text.includes("no session policy")) return "artifactCredentials";
  if (text.includes("no resource-based policy")) return "resourcePolicy";
  // STS does not tell which side refused.
  return action === "sts:AssumeRole" && !text.includes("no identity-based policy") ? "eitherSide" : "notAllowed";
}

function missingIn(denial: Denial): MissingStatement | undefined {
  if (denial.reason === "notAllowed") return ownStatement(denial);
  return denial.reason === "resourcePolicy" && denial.role !== undefined ? resourceStatement(denial) : undefined;
}

function ownStatement({ role, action, resource }: Denial): MissingStatement {
  return { ...(role !== undefined && { role }), statement: { Effect: "Allow", Action: action, Resource: resource } };
}

/** The statement that a resource's own policy lacks. A role with a path is another ARN, which no refusal tells. */
function resourceStatement({ role, account, action, resource }: Denial): MissingStatement {
  const allowed = {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${account}:role/${role}` },
    Action: action,
  } as const;
  const [service = ""] = action.split(":");
  // A trust speaks of its own role, and a key's policy of its own key.
  const statement = service === "sts" ? allowed : { ...allowed, Resource: service === "kms" ? "*" : resource };
  return { policyOf: resourceName(service, resource), statement };
}

function resourceName(service: string, resource: string): string {
  switch (service) {
    case "s3":
      return `bucket ${/^arn:[^:]*:s3:::([^/]+)/.exec(resource)?.[1] ?? resource}`;
    case "kms":
      return `key ${resource}`;
    case "lambda":
      return `function ${resource}`;
    default:
      return resource;
  }
}

/** What happened, in one sentence. */
export function denialSentence({ action, resource }: Denial): string {
  return `It was denied ${action}${resource === "*" ? "" : ` on ${resource}`}.`;
}

/** Who was refused, as `role action`; with the account where it is not the pipeline's. */
export function refusedOne({ role, account }: Denial, scene: DenialScene): string {
  const whose = account === undefined || account === scene.account || !scene.account ? "" : ` of account ${account}`;
  return role === undefined ? `its role${whose}` : `role ${role}${whose}`;
}

/** What to do. */
export function denialRemedy(denial: Denial, scene: DenialScene = {}): string {
  const { action, resource, reason, missing } = denial;
  const owner = refusedOne(denial, scene);
  if (reason === "explicitDeny") {
    return `A policy denies it explicitly. Take that "Deny" statement out of the policies of ${owner}.`;
  }
  if (isManagedKey(denial, scene)) {
    return `The artifacts are under the key that AWS manages for S3 in account ${scene.account}, which no other account can use. Give the artifact store a key of its own (encryptionKey), whose policy names ${owner}.`;
  }
  if (reason === "resourcePolicy" || reason === "resourceDeny") return resourceRemedy(denial, owner);
  if (reason === "eitherSide") {
    return [
      `It takes two statements, and STS does not tell which is missing. In a policy of ${owner}:`,
      `  ${JSON.stringify(ownStatement(denial).statement)}`,
      `In the trust policy of ${resource}:`,
      `  ${JSON.stringify(resourceStatement(denial).statement)}`,
    ].join("\n");
  }
  if (isUnwritten(denial, scene.inputs ?? [])) {
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

function resourceRemedy({ action, resource, reason, missing }: Denial, owner: string): string {
  const [service = ""] = action.split(":");
  const policy = `${service === "sts" ? "trust policy" : "policy"} of ${resourceName(service, resource)}`;
  if (reason === "resourceDeny") return `The ${policy} denies it explicitly. Take that "Deny" statement out of it.`;
  if (!missing) return `The ${policy} does not let ${owner} in. Add a statement for it there.`;
  return [`Add this statement to the ${policy}:`, `  ${JSON.stringify(missing.statement)}`].join("\n");
}

/** A store without a key is under the one that AWS manages, and that one names nobody outside its account. */
function isManagedKey({ action, account, resource }: Denial, scene: DenialScene): boolean {
  if (!action.startsWith("kms:") || scene.hasKey !== false || account === undefined) return false;
  return resource.split(":")[4] === scene.account && account !== scene.account;
}

/** S3 asks for the right to list when an object that may be read is not there. */
function isUnwritten({ action, resource }: Denial, inputs: readonly string[]): boolean {
  return action === "s3:ListBucket" && inputs.some((arn) => arn.startsWith(`${resource}/`));
}
