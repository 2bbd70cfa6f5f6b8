import type { Home } from "../wire/operation.ts";

/** What S3's SSE-KMS needs of KMS. Plain keys are 32 bytes for AES-256-GCM. */
export interface Keys {
  /**
   * Makes a data key under a KMS key: id, ARN, alias name or alias ARN; `aws/s3` when none is given (made on first use).
   * Names without an account belong to `home`, which is the account of whoever writes.
   *
   * Errors: `KMS.NotFoundException`, `KMS.DisabledException`, `KMS.KMSInvalidStateException` as S3 shows them.
   */
  newDataKey(keyId: string | undefined, home: Home, context: EncryptionContext): Promise<DataKey>;
  /**
   * Opens a sealed data key; refuses another context than the one it was sealed with.
   *
   * Errors: as `newDataKey`, and `KMS.InvalidCiphertextException`.
   */
  openDataKey(sealed: Buffer, context: EncryptionContext): Promise<Buffer>;
}

export interface DataKey {
  readonly keyArn: string;
  readonly plain: Buffer;
  readonly sealed: Buffer;
}

/** What a ciphertext is bound to besides its key. The order of its entries has no meaning. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** A key of KMS, without its material. */
export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly state: "Enabled" | "Disabled" | "PendingDeletion";
  readonly manager: "CUSTOMER" | "AWS";
  readonly description: string;
  /** The key policy as it was given. */
  readonly policy: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Epoch milliseconds; there while the state is `PendingDeletion`. */
  readonly deletionAt: number | undefined;
}

export interface NewKey extends Home {
  readonly description: string;
  /** Must have been checked; when absent, the account's own policies decide. */
  readonly policy?: string | undefined;
}

/**
 * All of KMS that needs key material, under the service and under S3. It checks no policy; who calls does.
 *
 * Errors are KMS's: `NotFoundException`, `DisabledException`, `KMSInvalidStateException`, `InvalidCiphertextException`.
 */
export interface KeyStore extends Keys {
  create(key: NewKey): Promise<Key>;
  /** By id, ARN, alias name or alias ARN; an ARN may be of another account. `alias/aws/s3` is made when it is first asked for. */
  find(keyId: string, home: Home): Promise<Key>;
  /** The names of its aliases, such as `alias/artifacts`. */
  aliasesOf(key: Pick<Key, "id">): Promise<readonly string[]>;
  /** Refuses a key that is disabled or about to be deleted. */
  encrypt(key: Key, plain: Buffer, context: EncryptionContext): Promise<Buffer>;
  /** The key that a ciphertext was made under, before anything is opened. */
  keyOf(ciphertext: Buffer): Promise<Key>;
  decrypt(ciphertext: Buffer, context: EncryptionContext): Promise<Buffer>;
  /** Refuses when the key is no longer in the state that it was found in. */
  setState(key: Key, state: Key["state"], deletionAt?: number): Promise<void>;
  setPolicy(key: Key, policy: string): Promise<void>;
}
