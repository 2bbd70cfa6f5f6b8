import { DETAIL_HEADERS, ServiceError } from "../wire/error.ts";

// What the store refuses, in S3's words. Source: S3 API reference, "Error responses", unless said otherwise.

export const noSuchBucket = (bucket: string) =>
  new ServiceError("NoSuchBucket", "The specified bucket does not exist", 404, { BucketName: bucket });

export const noSuchKey = (key: string) =>
  new ServiceError("NoSuchKey", "The specified key does not exist.", 404, { Key: key });

export const noSuchVersion = (key: string, versionId: string) =>
  new ServiceError("NoSuchVersion", "The specified version does not exist.", 404, { Key: key, VersionId: versionId });

export const invalidVersionId = (versionId: string) =>
  new ServiceError("InvalidArgument", "Invalid version id specified", 400, {
    ArgumentName: "versionId",
    ArgumentValue: versionId,
  });

export const noSuchUpload = (uploadId: string) =>
  new ServiceError(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    404,
    { UploadId: uploadId },
  );

/** The key's latest version is a delete marker, which the answer's headers tell. */
export const deletedKey = (key: string, versionId: string) =>
  new ServiceError("NoSuchKey", "The specified key does not exist.", 404, {
    Key: key,
    [DETAIL_HEADERS]: { "x-amz-delete-marker": "true", "x-amz-version-id": versionId },
  });

/** A delete marker can be deleted, and nothing else. */
export const markerNotAllowed = (method: string) =>
  new ServiceError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405, {
    Method: method,
    ResourceType: "DeleteMarker",
    [DETAIL_HEADERS]: { "x-amz-delete-marker": "true", allow: "DELETE" },
  });

/** Names are the same for all accounts. */
export const bucketAlreadyExists = (bucket: string) =>
  new ServiceError(
    "BucketAlreadyExists",
    "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
    409,
    { BucketName: bucket },
  );

export const bucketAlreadyOwnedByYou = (bucket: string) =>
  new ServiceError(
    "BucketAlreadyOwnedByYou",
    "Your previous request to create the named bucket succeeded and you already own it.",
    409,
    { BucketName: bucket },
  );

export const bucketNotEmpty = (bucket: string) =>
  new ServiceError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409, { BucketName: bucket });

export const invalidBucketName = (bucket: string) =>
  new ServiceError("InvalidBucketName", "The specified bucket is not valid.", 400, { BucketName: bucket });

export const keyTooLong = (sizeBytes: number, maxBytes: number) =>
  new ServiceError("KeyTooLongError", "Your key is too long", 400, {
    Size: String(sizeBytes),
    MaxSizeAllowed: String(maxBytes),
  });

export const metadataTooLarge = (sizeBytes: number, maxBytes: number) =>
  new ServiceError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", 400, {
    Size: String(sizeBytes),
    MaxSizeAllowed: String(maxBytes),
  });

export const entityTooLarge = (sizeBytes: number, maxBytes: number) =>
  new ServiceError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400, {
    ProposedSize: String(sizeBytes),
    MaxSizeAllowed: String(maxBytes),
  });

export const entityTooSmall = (sizeBytes: number, minBytes: number, partNumber: number, etag: string) =>
  new ServiceError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400, {
    ProposedSize: String(sizeBytes),
    MinSizeAllowed: String(minBytes),
    PartNumber: String(partNumber),
    ETag: etag,
  });

export const invalidPart = (uploadId: string, partNumber: number, etag: string) =>
  new ServiceError(
    "InvalidPart",
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
    { UploadId: uploadId, PartNumber: String(partNumber), ETag: etag },
  );

export const invalidPartOrder = (uploadId: string) =>
  new ServiceError(
    "InvalidPartOrder",
    "The list of parts was not in ascending order. Parts must be ordered by part number.",
    400,
    { UploadId: uploadId },
  );

/** The asked part of an object that has fewer. */
export const invalidPartNumber = (partNumber: number, partCount: number) =>
  new ServiceError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416, {
    PartNumberRequested: String(partNumber),
    ActualPartCount: String(partCount),
  });

export const invalidRange = (range: string, sizeBytes: number) =>
  new ServiceError("InvalidRange", "The requested range is not satisfiable", 416, {
    RangeRequested: range,
    ActualObjectSize: String(sizeBytes),
  });

/** `condition` is the header that does not hold, such as `If-Match`. */
export const preconditionFailed = (condition: string) =>
  new ServiceError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412, {
    Condition: condition,
  });

export const badContentMd5 = (expected: string, calculated: string) =>
  new ServiceError("BadDigest", "The Content-MD5 you specified did not match what we received.", 400, {
    ExpectedDigest: expected,
    CalculatedDigest: calculated,
  });

export const badChecksum = (algorithm: string) =>
  new ServiceError("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`, 400);

export const invalidChecksum = (algorithm: string) =>
  new ServiceError("InvalidRequest", `Value for x-amz-checksum-${algorithm.toLowerCase()} header is invalid.`, 400);

export const invalidRequest = (message: string) => new ServiceError("InvalidRequest", message, 400);

/** Our choice of text; the service never gets here. */
export class ArtifactKeyError extends Error {
  override readonly name = "ArtifactKeyError";
}

export const wrongMasterKey = (what: string, cause?: unknown) =>
  new ArtifactKeyError(
    `The master key does not open ${what}: it is not the key that the artifacts of this data folder were encrypted with, or they were changed. Start with the data folder's own master key.`,
    { cause },
  );
