import { homeOf, operation } from "../../wire/operation.ts";
import type { Input, Kms, KmsCall, Output } from "./context.ts";
import { unsupported } from "./errors.ts";
import { toMetadata } from "./key-metadata.ts";
import { requireKeyPolicy } from "./key-policy.ts";

/**
 * Makes a symmetric key. Tags are taken and not kept, because no operation here shows them.
 *
 * Errors: `MalformedPolicyDocumentException`; `UnsupportedOperationException` for any other kind of key.
 * Source: KMS API reference, CreateKey.
 */
export const createKey = operation<Kms, Input<"CreateKey">, Output<"CreateKey">>({
  name: "CreateKey",
  access: () => [{ action: "kms:CreateKey", resource: "*" }],
  async run(input, { keys, identity }, call: KmsCall) {
    requireSymmetric(input);
    const { Policy: policy, BypassPolicyLockoutSafetyCheck: bypass } = input;
    if (policy !== undefined) await requireKeyPolicy(policy, { keyArn: "*", bypass }, identity, call);
    const key = await keys.create({ ...homeOf(call), description: input.Description ?? "", policy });
    return { KeyMetadata: toMetadata(key) };
  },
});

function requireSymmetric(input: Input<"CreateKey">): void {
  const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? "SYMMETRIC_DEFAULT";
  if (spec !== "SYMMETRIC_DEFAULT") throw unsupported(`KeySpec ${spec}`);
  const usage = input.KeyUsage ?? "ENCRYPT_DECRYPT";
  if (usage !== "ENCRYPT_DECRYPT") throw unsupported(`KeyUsage ${usage}`);
  const origin = input.Origin ?? "AWS_KMS";
  if (origin !== "AWS_KMS") throw unsupported(`Origin ${origin}`);
  if (input.MultiRegion) throw unsupported("MultiRegion");
  if (input.CustomKeyStoreId !== undefined || input.XksKeyId !== undefined) throw unsupported("A custom key store");
}
