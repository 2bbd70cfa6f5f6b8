import type { Foundation } from "./build-engine.ts";
import type { Functions } from "./functions/open-functions.ts";
import type { AccessDecision, Caller, PolicyDocument } from "./identity/identity.ts";
import { storedPolicy } from "./identity/policy.ts";
import type { Access } from "./wire/operation.ts";

type Ground = Pick<Foundation, "identity" | "objects" | "functions" | "keys">;

/** Whether a caller may do something, with all that the resource itself says of who may use it. */
export type Authorize = (caller: Caller, access: Access) => Promise<AccessDecision>;

/** Makes the check that every request passes, and whatever the server does in somebody's name. */
export function createAuthorize(ground: Ground): Authorize {
  return async (caller, access) =>
    await ground.identity.authorize({ caller, ...access, ...(await sayOf(ground, access)) });
}

/** What a resource itself says of who may use it, and whose it is. Most calls are for resources that have no say. */
async function sayOf(ground: Ground, { action, resource }: Access) {
  if (action.startsWith("s3:")) {
    const { bucketSayFor } = await import("./services/s3/context.ts");
    return await bucketSayFor(ground, resource);
  }
  const policy = await policyOf(ground, action, resource);
  return policy && { resourcePolicy: policy };
}

async function policyOf(ground: Ground, action: string, resource: string): Promise<PolicyDocument | undefined> {
  if (action.startsWith("lambda:")) return await functionPolicyFor(ground.functions, resource);
  if (!action.startsWith("kms:")) return undefined;
  const { keyPolicyFor } = await import("./services/kms/context.ts");
  return await keyPolicyFor(ground, resource);
}

/** The policy of a function, a version or an alias, for a check of access. Nothing when it has none. */
export async function functionPolicyFor({ policies }: Functions, arn: string): Promise<PolicyDocument | undefined> {
  const document = await policies.documentOf(arn);
  return document === undefined ? undefined : storedPolicy(document, "resource");
}
