/** What S3's SSE-KMS needs of KMS. Plain keys are 32 bytes for AES-256-GCM. */
export interface Keys {
  /**
   * Makes a data key under a KMS key: id, ARN, alias name or alias ARN; `aws/s3` when none is given (made on first use).
   *
   * Errors: `KMS.NotFoundException`, `KMS.DisabledException` as S3 shows them.
   */
  newDataKey(keyId: string | undefined, region: string, context: Readonly<Record<string, string>>): Promise<DataKey>;
  /** Opens a sealed data key; refuses another context than the one it was sealed with. */
  openDataKey(sealed: Buffer, context: Readonly<Record<string, string>>): Promise<Buffer>;
}

export interface DataKey {
  readonly keyArn: string;
  readonly plain: Buffer;
  readonly sealed: Buffer;
}
