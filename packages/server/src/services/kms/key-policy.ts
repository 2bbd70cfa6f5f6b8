import type { Identity } from "../../identity/identity.ts";
import { checkPolicy } from "../../identity/policy.ts";
import type { KmsCall } from "./context.ts";
import { lockedOut, malformedPolicy } from "./errors.ts";

/**
 * Accepts a new key policy only when it lets its author change it again, unless told to bypass that.
 *
 * Errors: `MalformedPolicyDocumentException`. Source: KMS API reference, PutKeyPolicy.
 */
export async function requireKeyPolicy(
  text: string,
  { keyArn, bypass }: { readonly keyArn: string; readonly bypass: boolean | undefined },
  identity: Identity,
  { principal }: KmsCall,
): Promise<void> {
  const checked = checkPolicy(text, "resource");
  if (!checked.ok) throw malformedPolicy(checked.problem);
  if (bypass) return;
  const request = { caller: principal, action: "kms:PutKeyPolicy", resource: keyArn };
  const later = await identity.authorize({ ...request, resourcePolicy: checked.document });
  if (!later.allowed) throw lockedOut();
}
