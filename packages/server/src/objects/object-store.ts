import type { Readable } from "node:stream";
import type { EncryptionContext } from "../keys/keys.ts";
import type { ObjectRow } from "../store/object.ts";
import type { ServiceError } from "../wire/error.ts";
import type { Checksum, ChecksumAlgorithm, ChecksumType } from "./checksum.ts";
import type { Encryption, Objects, StoredObject } from "./objects.ts";
import type { BucketSettings } from "./settings.ts";

/** A bucket as its row says. */
export interface Bucket {
  readonly name: string;
  readonly region: string;
  readonly account: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly versioning: "Enabled" | "Suspended" | undefined;
  /** The policy document as JSON text. */
  readonly policy: string | undefined;
  readonly encryption: BucketEncryption;
  readonly tags: Readonly<Record<string, string>>;
}

/** What is done to objects that ask for no encryption of their own. */
export type BucketEncryption =
  | { readonly type: "AES256"; readonly bucketKeyEnabled?: boolean }
  | { readonly type: "aws:kms"; readonly keyId: string | undefined; readonly bucketKeyEnabled?: boolean };

/** Headers that come back as they were put, by the names of the model's members. */
export interface ContentHeaders {
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly ContentEncoding?: string;
  readonly ContentLanguage?: string;
  readonly Expires?: string;
  readonly WebsiteRedirectLocation?: string;
}

/** All that is known of one version. `versionId` is `"null"` for the null version of a bucket that has versions. */
export interface StoredVersion extends StoredObject {
  readonly headers: ContentHeaders;
  readonly checksum: Checksum | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly isLatest: boolean;
  /** The key is own S3 key of the account that wrote, which needs no permission on KMS there. */
  readonly kmsKeyIsManaged: boolean;
  /** For the store itself: where the bytes are and how they are sealed. */
  readonly row: ObjectRow;
}

/** What a new object is besides its bytes. */
export interface ObjectProperties {
  readonly contentType?: string | undefined;
  readonly headers?: ContentHeaders | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Absent: what the bucket says. */
  readonly encryption?: AskedEncryption | undefined;
  /** The account of whoever writes, where names of keys belong; the bucket's owner unless given. */
  readonly writer?: string | undefined;
}

/** `keyId: undefined` asks for SSE-KMS with the account's S3 key; `context` is bound beside the object's ARN. */
export type AskedEncryption =
  | { readonly type: "AES256" }
  | { readonly type: "aws:kms"; readonly keyId: string | undefined; readonly context?: EncryptionContext };

/** Holds back a change unless the current object is as expected; else `PreconditionFailed`. */
export interface WriteCondition {
  /** An ETag, or `*` for any object. */
  readonly ifMatch?: string | undefined;
  /** Only `*`: there must be no current object. */
  readonly ifNoneMatch?: string | undefined;
}

/** What the client says its bytes are. */
export interface Expectation {
  /** Base64, from `Content-MD5`. */
  readonly contentMd5?: string | undefined;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; expected(): string | undefined } | undefined;
}

export interface WriteObject extends ObjectProperties, Expectation, WriteCondition {
  readonly bucket: string;
  readonly key: string;
  readonly body: Readable;
}

/** Which version of which object. Without `versionId`, the current one. */
export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string | undefined;
}

/** A version to delete, if the condition holds. */
export interface DeleteVersion extends ObjectName, Pick<WriteCondition, "ifMatch"> {}

export interface CopyObject extends ObjectProperties, WriteCondition {
  readonly bucket: string;
  readonly key: string;
  readonly source: ObjectName;
  /** Take content type, headers and metadata from the source. */
  readonly keepProperties: boolean;
  readonly keepTags: boolean;
  readonly checksumAlgorithm?: ChecksumAlgorithm | undefined;
}

/** Which bytes of a version to read: these, or all. */
export type ReadPlan = (version: StoredVersion) => ByteRange | undefined | Promise<ByteRange | undefined>;

export interface OpenVersion {
  readonly version: StoredVersion;
  readonly body: Readable | Buffer;
}

/** What a deletion did: which version it made or removed, as S3's answer shows it. */
export interface Deleted {
  readonly versionId: string | undefined;
  readonly deleteMarker: boolean;
}

export interface Upload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedAt: number;
  readonly encryption: Encryption;
  readonly kmsKeyIsManaged: boolean;
  readonly checksumAlgorithm: ChecksumAlgorithm | undefined;
  readonly checksumType: ChecksumType | undefined;
}

export interface CreateUpload extends ObjectProperties {
  readonly bucket: string;
  readonly key: string;
  readonly checksumAlgorithm?: ChecksumAlgorithm | undefined;
  readonly checksumType?: ChecksumType | undefined;
}

export interface UploadName {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
}

export interface WritePart extends UploadName, Expectation {
  /** 1 to 10,000. */
  readonly partNumber: number;
  readonly body: Readable;
}

export interface Part {
  readonly partNumber: number;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModified: number;
  readonly checksum: Checksum | undefined;
}

export interface NamedPart {
  readonly partNumber: number;
  readonly etag: string;
  /** Base64, by algorithm. */
  readonly checksums: Partial<Record<ChecksumAlgorithm, string>>;
}

export interface CompleteUpload extends UploadName, WriteCondition {
  readonly parts: readonly NamedPart[];
  /** The checksum of the whole, as the client knows it. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined;
}

/** Where a listing goes on: strictly behind these. */
export interface ListObjects {
  readonly bucket: string;
  readonly prefix: string;
  readonly delimiter: string | undefined;
  /** Keys and common prefixes up to and with this one were seen. */
  readonly after: string;
  readonly limit: number;
}

export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModified: number;
  readonly checksum: Checksum | undefined;
}

export interface ObjectPage {
  readonly objects: readonly ListedObject[];
  readonly commonPrefixes: readonly string[];
  /** The last key or common prefix, when there is more behind it. */
  readonly next: string | undefined;
}

export interface ListVersions extends ListObjects {
  /** Goes on within the key `after`, behind this version. */
  readonly afterVersionId: string | undefined;
}

export interface ListedVersion extends ListedObject {
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isDeleteMarker: boolean;
}

export interface VersionPage {
  readonly versions: readonly ListedVersion[];
  readonly commonPrefixes: readonly string[];
  readonly next: { readonly key: string; readonly versionId: string | undefined } | undefined;
}

export interface ListUploads extends ListObjects {
  readonly afterUploadId: string | undefined;
}

export interface UploadPage {
  readonly uploads: readonly Upload[];
  readonly commonPrefixes: readonly string[];
  readonly next: { readonly key: string; readonly uploadId: string | undefined } | undefined;
}

export interface PartPage {
  readonly upload: Upload;
  readonly parts: readonly Part[];
  readonly next: number | undefined;
}

/** All that the S3 service needs of the artifact store; others in the server take `Objects`. Has a life: close it. */
export interface ObjectStore extends Objects {
  /** Errors: `NoSuchBucket`. */
  bucket(name: string): Promise<Bucket>;
  /** The buckets of an account, by name. */
  buckets(page: {
    readonly account: string;
    readonly after: string;
    readonly limit: number;
  }): Promise<readonly Bucket[]>;
  /** Errors: `NoSuchBucket`, `BucketNotEmpty`. */
  deleteBucket(name: string): Promise<void>;
  setPolicy(bucket: string, policy: string | undefined): Promise<void>;
  setEncryption(bucket: string, encryption: BucketEncryption | undefined): Promise<void>;
  /** What was put, else what a new bucket has; nothing when it was taken away. */
  setting<Name extends keyof BucketSettings>(bucket: string, name: Name): Promise<BucketSettings[Name] | undefined>;
  /** Puts a setting, or takes it away. Errors: `NoSuchBucket`. */
  setSetting<Name extends keyof BucketSettings>(
    bucket: string,
    name: Name,
    value: BucketSettings[Name] | undefined,
  ): Promise<void>;
  setBucketTags(bucket: string, tags: Readonly<Record<string, string>>): Promise<void>;

  write(object: WriteObject): Promise<StoredVersion>;
  copy(request: CopyObject): Promise<StoredVersion>;
  /** Errors: `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` for a delete marker named by its id. */
  find(name: ObjectName, method?: string): Promise<StoredVersion>;
  /**
   * Finds a version and opens its bytes, the range that `plan` answers or all of them; a Buffer when they are few.
   * What `plan` throws comes out as it is. A version that is replaced in between is looked up anew.
   */
  open(name: ObjectName, plan?: ReadPlan): Promise<OpenVersion>;
  deleteVersion(name: ObjectName, condition?: WriteCondition): Promise<Deleted>;
  /** All in one commit; what is refused is answered in its place, and does not hold back the others. */
  deleteVersions(bucket: string, wanted: readonly DeleteVersion[]): Promise<readonly (Deleted | ServiceError)[]>;
  setTags(name: ObjectName, tags: Readonly<Record<string, string>>): Promise<StoredVersion>;
  /** The parts of an object that was put in parts, in order. */
  partsOf(version: StoredVersion): Promise<readonly Part[]>;

  listObjects(request: ListObjects): Promise<ObjectPage>;
  listVersions(request: ListVersions): Promise<VersionPage>;

  createUpload(request: CreateUpload): Promise<Upload>;
  upload(name: UploadName): Promise<Upload>;
  writePart(part: WritePart): Promise<Part>;
  copyPart(part: CopyPart): Promise<Part>;
  /** May be called again after it succeeded, and answers the same. */
  completeUpload(request: CompleteUpload): Promise<StoredVersion>;
  abortUpload(name: UploadName): Promise<void>;
  listUploads(request: ListUploads): Promise<UploadPage>;
  listParts(name: UploadName, after: number, limit: number): Promise<PartPage>;

  /** Resolves when the start's sweep and lifecycle rules are done, with how many files without a row it removed. */
  readonly swept: Promise<number>;
  /** Stops the tidying and waits for removals; the store under it stays open. */
  close(): Promise<void>;
}

/** Inclusive, within the object; `end` before `start` asks for nothing. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface CopyPart extends UploadName {
  readonly partNumber: number;
  readonly source: ObjectName;
  readonly range?: ByteRange | undefined;
}
