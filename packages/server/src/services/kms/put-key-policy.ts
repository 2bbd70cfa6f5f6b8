import { keyNotFound } from "../../keys/errors.ts";
import { operation } from "../../wire/operation.ts";
import type { Input, Kms, KmsCall, Output } from "./context.ts";
import { requireKeyPolicy } from "./key-policy.ts";
import { changeableKey } from "./key-state.ts";

/**
 * Replaces a key's policy. Errors: `MalformedPolicyDocumentException`, `NotFoundException`, `KMSInvalidStateException`.
 * Source: KMS API reference, PutKeyPolicy.
 */
export const putKeyPolicy = operation<Kms, Input<"PutKeyPolicy">, Output<"PutKeyPolicy">>({
  name: "PutKeyPolicy",
  async run({ KeyId, Policy, PolicyName = "default", BypassPolicyLockoutSafetyCheck: bypass }, kms, call: KmsCall) {
    const key = await changeableKey("kms:PutKeyPolicy", KeyId, kms, call);
    if (PolicyName !== "default") throw keyNotFound("No such policy exists");
    await requireKeyPolicy(Policy, { keyArn: key.arn, bypass }, kms.identity, call);
    await kms.keys.setPolicy(key, Policy);
    return {};
  },
});
