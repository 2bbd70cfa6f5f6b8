import type { Key } from "../../keys/keys.ts";
import type { KeyMetadata } from "./shapes.generated.ts";

/** A key as KMS describes it. */
export function toMetadata(key: Key): KeyMetadata {
  return {
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: key.createdAt,
    Enabled: key.state === "Enabled",
    Description: key.description,
    KeyUsage: "ENCRYPT_DECRYPT",
    KeyState: key.state,
    ...(key.deletionAt !== undefined && { DeletionDate: key.deletionAt }),
    Origin: "AWS_KMS",
    KeyManager: key.manager === "AWS" ? "AWS" : "CUSTOMER",
    CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
    KeySpec: "SYMMETRIC_DEFAULT",
    EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
    MultiRegion: false,
  };
}
