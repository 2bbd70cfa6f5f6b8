import { operation } from "../../wire/operation.ts";
import type { Input, Kms, KmsCall, Output } from "./context.ts";
import { makeDataKey } from "./data-key.ts";

/**
 * Makes a key for later; only its sealed form is answered. Errors: as GenerateDataKey.
 * Source: KMS API reference, GenerateDataKeyWithoutPlaintext.
 */
export const generateDataKeyWithoutPlaintext = operation<
  Kms,
  Input<"GenerateDataKeyWithoutPlaintext">,
  Output<"GenerateDataKeyWithoutPlaintext">
>({
  name: "GenerateDataKeyWithoutPlaintext",
  async run(input, kms, call: KmsCall) {
    const { keyArn, sealed } = await makeDataKey("kms:GenerateDataKeyWithoutPlaintext", input, kms, call);
    return { CiphertextBlob: sealed, KeyId: keyArn };
  },
});
