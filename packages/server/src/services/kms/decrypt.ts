import { invalidCiphertext } from "../../keys/errors.ts";
import { homeOf, operation } from "../../wire/operation.ts";
import { authorize, type Input, type Kms, type KmsCall, type Output } from "./context.ts";
import { dryRun, incorrectAlgorithm, incorrectKey, unsupported } from "./errors.ts";

/**
 * Opens what Encrypt and GenerateDataKey sealed. The ciphertext names its key; a key in the request must be that one.
 *
 * Errors: `InvalidCiphertextException`, `IncorrectKeyException`, `DisabledException`, `KMSInvalidStateException`.
 * Source: KMS API reference, Decrypt.
 */
export const decrypt = operation<Kms, Input<"Decrypt">, Output<"Decrypt">>({
  name: "Decrypt",
  async run(input, kms, call: KmsCall) {
    const { EncryptionContext: context = {}, EncryptionAlgorithm: algorithm = "SYMMETRIC_DEFAULT" } = input;
    if (input.Recipient) throw unsupported("Recipient");
    if (!input.CiphertextBlob) throw invalidCiphertext();
    const ciphertext = Buffer.from(input.CiphertextBlob);
    const key = await kms.keys.keyOf(ciphertext);
    if (key.region !== call.region) throw invalidCiphertext();
    if (input.KeyId && (await kms.keys.find(input.KeyId, homeOf(call))).id !== key.id) throw incorrectKey();
    await authorize("kms:Decrypt", key, kms, call, context);
    if (algorithm !== "SYMMETRIC_DEFAULT") throw incorrectAlgorithm(algorithm);
    const plain = await kms.keys.decrypt(ciphertext, context);
    if (input.DryRun) throw dryRun();
    return { KeyId: key.arn, Plaintext: plain, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
  },
});
