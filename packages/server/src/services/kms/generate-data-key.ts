import { operation } from "../../wire/operation.ts";
import type { Input, Kms, KmsCall, Output } from "./context.ts";
import { makeDataKey } from "./data-key.ts";
import { unsupported } from "./errors.ts";

/**
 * Makes a key for encrypting data elsewhere. Errors: as Encrypt, and `ValidationException`.
 * Source: KMS API reference, GenerateDataKey.
 */
export const generateDataKey = operation<Kms, Input<"GenerateDataKey">, Output<"GenerateDataKey">>({
  name: "GenerateDataKey",
  async run(input, kms, call: KmsCall) {
    if (input.Recipient) throw unsupported("Recipient");
    const { keyArn, plain, sealed } = await makeDataKey("kms:GenerateDataKey", input, kms, call);
    return { CiphertextBlob: sealed, Plaintext: plain, KeyId: keyArn };
  },
});
