import { randomBytes } from "node:crypto";
import type { Key } from "../../keys/keys.ts";
import { homeOf } from "../../wire/operation.ts";
import { authorize, type Kms, type KmsCall } from "./context.ts";
import { dryRun, invalid } from "./errors.ts";

export interface DataKeyRequest {
  readonly KeyId: string;
  readonly EncryptionContext?: Readonly<Record<string, string>>;
  readonly KeySpec?: "AES_256" | "AES_128";
  readonly NumberOfBytes?: number;
  readonly DryRun?: boolean;
}

/**
 * Makes a data key for somebody: plain, and sealed under the KMS key.
 *
 * Errors: `ValidationException` unless exactly one of spec and size is there; those of `KeyStore.encrypt`.
 */
export async function makeDataKey(action: string, request: DataKeyRequest, kms: Kms, call: KmsCall) {
  const { EncryptionContext: context = {} } = request;
  const key: Key = await kms.keys.find(request.KeyId, homeOf(call));
  await authorize(action, key, kms, call, context);
  const plain = randomBytes(sizeBytes(request));
  const sealed = await kms.keys.encrypt(key, plain, context);
  if (request.DryRun) throw dryRun();
  return { keyArn: key.arn, plain, sealed };
}

function sizeBytes({ KeySpec, NumberOfBytes }: DataKeyRequest): number {
  if ((KeySpec === undefined) === (NumberOfBytes === undefined)) {
    throw invalid("Please specify either number of bytes or key spec.");
  }
  return NumberOfBytes ?? (KeySpec === "AES_128" ? 16 : 32);
}
