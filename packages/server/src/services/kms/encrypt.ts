import { homeOf, operation } from "../../wire/operation.ts";
import { authorize, type Input, type Kms, type KmsCall, type Output } from "./context.ts";
import { dryRun, incorrectAlgorithm } from "./errors.ts";

/**
 * Encrypts up to 4 KiB under a key, bound to an encryption context.
 *
 * Errors: `NotFoundException`, `DisabledException`, `KMSInvalidStateException`, `InvalidKeyUsageException`.
 * Source: KMS API reference, Encrypt.
 */
export const encrypt = operation<Kms, Input<"Encrypt">, Output<"Encrypt">>({
  name: "Encrypt",
  async run(input, kms, call: KmsCall) {
    const { EncryptionContext: context = {}, EncryptionAlgorithm: algorithm = "SYMMETRIC_DEFAULT" } = input;
    const key = await kms.keys.find(input.KeyId, homeOf(call));
    await authorize("kms:Encrypt", key, kms, call, context);
    if (algorithm !== "SYMMETRIC_DEFAULT") throw incorrectAlgorithm(algorithm);
    const ciphertext = await kms.keys.encrypt(key, Buffer.from(input.Plaintext), context);
    if (input.DryRun) throw dryRun();
    return { CiphertextBlob: ciphertext, KeyId: key.arn, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
  },
});
