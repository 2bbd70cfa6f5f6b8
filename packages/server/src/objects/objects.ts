import type { Readable } from "node:stream";

/** Where and how the artifact store keeps one version of an object. */
export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  /** The version id, or `null` in a bucket that was never versioned. */
  readonly versionId: string | null;
  readonly sizeBytes: number;
  /** With its quotes. */
  readonly etag: string;
  /** Epoch milliseconds. */
  readonly lastModified: number;
  readonly contentType: string;
  /** `x-amz-meta-*` without the prefix, lower case. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly encryption: Encryption;
}

/** `context` is what the client added to the encryption context. */
export type Encryption =
  | { readonly type: "AES256" }
  | { readonly type: "aws:kms"; readonly keyArn: string; readonly context?: Readonly<Record<string, string>> };

export interface PutObject {
  readonly bucket: string;
  readonly key: string;
  /** Is read to its end; a failing stream leaves nothing behind. */
  readonly body: Readable;
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** The account of whoever writes, where names of keys belong; the bucket's owner unless given. */
  readonly writer?: string;
  /** `{ keyId: undefined }` asks for SSE-KMS with the account's S3 key. */
  readonly kms?: { readonly keyId: string | undefined };
}

export interface GetObject {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
  /** Inclusive, as in HTTP. */
  readonly range?: { readonly start: number; readonly end: number };
}

/**
 * The artifact store under S3, for those in the server that need objects without HTTP: the source
 * action, function code, the command line. It checks no policy; the S3 service does before it calls.
 *
 * Errors are S3's `ServiceError`s: `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `BucketAlreadyOwnedByYou`…
 * An object is durable (file synced, row committed) when `put` resolves.
 */
export interface Objects {
  /** Of the server's own account, unless another is given. */
  createBucket(name: string, region: string, account?: string): Promise<void>;
  setVersioning(bucket: string, status: "Enabled" | "Suspended"): Promise<void>;
  versioning(bucket: string): Promise<"Enabled" | "Suspended" | undefined>;
  put(object: PutObject): Promise<StoredObject>;
  get(request: GetObject): Promise<{ readonly object: StoredObject; readonly body: Readable }>;
  head(request: GetObject): Promise<StoredObject>;
  delete(bucket: string, key: string): Promise<void>;
}
