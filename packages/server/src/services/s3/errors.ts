import type { StoredVersion } from "../../objects/object-store.ts";
import { DETAIL_HEADERS, ServiceError } from "../../wire/error.ts";

// What the service refuses before the store is asked. Source: S3 API reference, "Error responses".

export const accessDenied = (message = "Access Denied") => new ServiceError("AccessDenied", message, 403);

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

/** Source: observed since 2014 for requests of Signature Version 2; S3 user guide, "Using AWS KMS with Amazon S3". */
export const kmsNeedsVersionFour = () =>
  new ServiceError(
    "InvalidArgument",
    "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.",
    400,
    { ArgumentName: "Authorization", ArgumentValue: "null" },
  );

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

/** Source: observed, for a policy that lets in anybody on a bucket that blocks it, as every new one does. */
export const publicPolicyBlocked = (caller: string, bucketArn: string) =>
  new ServiceError(
    "AccessDenied",
    `User: ${caller} is not authorized to perform: s3:PutBucketPolicy on resource: "${bucketArn}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
    403,
  );

export const malformedPolicy = (message: string) => new ServiceError("MalformedPolicy", message, 400);

export const noSuchTagSet = (bucket: string) =>
  new ServiceError("NoSuchTagSet", "The TagSet does not exist", 404, { BucketName: bucket });

export const invalidTag = (message: string) => new ServiceError("InvalidTag", message, 400);

export const tooManyTags = (kind: "Object" | "Bucket", max: number) =>
  new ServiceError("BadRequest", `${kind} tags cannot be greater than ${max}`, 400);

export const invalidContentMd5 = (value: string) =>
  new ServiceError("InvalidDigest", "The Content-MD5 you specified was invalid.", 400, { "Content-MD5": value });

// What a bucket does not have.

const notThere = (code: string, text: string) => (bucket: string) =>
  new ServiceError(code, text, 404, { BucketName: bucket });

export const noSuchLifecycle = notThere("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist");
export const noSuchCors = notThere("NoSuchCORSConfiguration", "The CORS configuration does not exist");
export const noSuchWebsite = notThere(
  "NoSuchWebsiteConfiguration",
  "The specified bucket does not have a website configuration",
);
export const noSuchReplication = notThere(
  "ReplicationConfigurationNotFoundError",
  "The replication configuration was not found",
);
export const noSuchObjectLock = notThere(
  "ObjectLockConfigurationNotFoundError",
  "Object Lock configuration does not exist for this bucket",
);
export const noSuchPublicAccessBlock = notThere(
  "NoSuchPublicAccessBlockConfiguration",
  "The public access block configuration was not found",
);
export const noSuchOwnershipControls = notThere(
  "OwnershipControlsNotFoundError",
  "The bucket ownership controls were not found",
);

/** Our choice of text: what Penstock does not do is refused, never kept without effect. */
export const notServed = (what: string, why: string) =>
  new ServiceError("NotImplemented", `${what} are not served by Penstock: ${why}.`, 501);
