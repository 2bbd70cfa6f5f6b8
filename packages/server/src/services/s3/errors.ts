import type { StoredVersion } from "../../objects/object-store.ts";
import { DETAIL_HEADERS, ServiceError } from "../../wire/error.ts";

// What the service refuses before the store is asked. Source: S3 API reference, "Error responses".

export const accessDenied = () => new ServiceError("AccessDenied", "Access Denied", 403);

/**
 * The bucket is in another region than the request was signed for. Clients that follow regions take the header.
 * Source: S3 API reference, "Error responses", PermanentRedirect; without an endpoint, because ours serves all regions.
 */
export const wrongRegion = (bucket: string, region: string) =>
  new ServiceError(
    "PermanentRedirect",
    "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
    301,
    { Bucket: bucket, Region: region, [DETAIL_HEADERS]: { "x-amz-bucket-region": region } },
  );

export const malformedXml = () =>
  new ServiceError(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
    400,
  );

export const invalidArgument = (message: string, name: string, value: string) =>
  new ServiceError("InvalidArgument", message, 400, { ArgumentName: name, ArgumentValue: value });

/** The answer has no body, but tells in headers what the client's copy is. */
export const notModified = ({ etag, lastModified }: Pick<StoredVersion, "etag" | "lastModified">) =>
  new ServiceError("NotModified", "Not Modified", 304, {
    [DETAIL_HEADERS]: { etag, "last-modified": new Date(lastModified).toUTCString() },
  });

/** `header` asks for what Penstock does not have. */
export const notImplemented = (header: string) =>
  new ServiceError("NotImplemented", "A header you provided implies functionality that is not implemented", 501, {
    Header: header,
  });

export const illegalLocation = (location: string | undefined) =>
  new ServiceError(
    "IllegalLocationConstraintException",
    `The ${location ?? "unspecified"} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    400,
  );

export const noSuchBucketPolicy = (bucket: string) =>
  new ServiceError("NoSuchBucketPolicy", "The bucket policy does not exist", 404, { BucketName: bucket });

export const malformedPolicy = (message: string) => new ServiceError("MalformedPolicy", message, 400);

export const noSuchTagSet = (bucket: string) =>
  new ServiceError("NoSuchTagSet", "The TagSet does not exist", 404, { BucketName: bucket });

export const invalidTag = (message: string) => new ServiceError("InvalidTag", message, 400);

export const tooManyTags = (kind: "Object" | "Bucket", max: number) =>
  new ServiceError("BadRequest", `${kind} tags cannot be greater than ${max}`, 400);

export const invalidContentMd5 = (value: string) =>
  new ServiceError("InvalidDigest", "The Content-MD5 you specified was invalid.", 400, { "Content-MD5": value });
