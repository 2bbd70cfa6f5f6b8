import type { Operation } from "../../wire/operation.ts";
import { type Service, service } from "../../wire/service.ts";
import { abortMultipartUpload } from "./abort-multipart-upload.ts";
import { completeMultipartUpload } from "./complete-multipart-upload.ts";
import { homeRegion, type Input, type Output, type S3 } from "./context.ts";
import { copyObject } from "./copy-object.ts";
import { createBucket } from "./create-bucket.ts";
import { createMultipartUpload } from "./create-multipart-upload.ts";
import { deleteBucket } from "./delete-bucket.ts";
import { deleteBucketEncryption } from "./delete-bucket-encryption.ts";
import { deleteBucketLifecycle } from "./delete-bucket-lifecycle.ts";
import { deleteBucketOwnershipControls } from "./delete-bucket-ownership-controls.ts";
import { deleteBucketPolicy } from "./delete-bucket-policy.ts";
import { deleteBucketTagging } from "./delete-bucket-tagging.ts";
import { deleteObject } from "./delete-object.ts";
import { deleteObjectTagging } from "./delete-object-tagging.ts";
import { deleteObjects } from "./delete-objects.ts";
import { deletePublicAccessBlock } from "./delete-public-access-block.ts";
import { getBucketAccelerateConfiguration } from "./get-bucket-accelerate-configuration.ts";
import { getBucketAcl } from "./get-bucket-acl.ts";
import { getBucketCors } from "./get-bucket-cors.ts";
import { getBucketEncryption } from "./get-bucket-encryption.ts";
import { getBucketLifecycleConfiguration } from "./get-bucket-lifecycle-configuration.ts";
import { getBucketLocation } from "./get-bucket-location.ts";
import { getBucketLogging } from "./get-bucket-logging.ts";
import { getBucketNotificationConfiguration } from "./get-bucket-notification-configuration.ts";
import { getBucketOwnershipControls } from "./get-bucket-ownership-controls.ts";
import { getBucketPolicy } from "./get-bucket-policy.ts";
import { getBucketPolicyStatus } from "./get-bucket-policy-status.ts";
import { getBucketReplication } from "./get-bucket-replication.ts";
import { getBucketRequestPayment } from "./get-bucket-request-payment.ts";
import { getBucketTagging } from "./get-bucket-tagging.ts";
import { getBucketVersioning } from "./get-bucket-versioning.ts";
import { getBucketWebsite } from "./get-bucket-website.ts";
import { getObject } from "./get-object.ts";
import { getObjectAcl } from "./get-object-acl.ts";
import { getObjectAttributes } from "./get-object-attributes.ts";
import { getObjectLockConfiguration } from "./get-object-lock-configuration.ts";
import { getObjectTagging } from "./get-object-tagging.ts";
import { getPublicAccessBlock } from "./get-public-access-block.ts";
import { headBucket } from "./head-bucket.ts";
import { headObject } from "./head-object.ts";
import { listBuckets } from "./list-buckets.ts";
import { listMultipartUploads } from "./list-multipart-uploads.ts";
import { listObjectVersions } from "./list-object-versions.ts";
import { listObjects } from "./list-objects.ts";
import { listObjectsV2 } from "./list-objects-v2.ts";
import { listParts } from "./list-parts.ts";
import { model } from "./model.generated.ts";
import { putBucketAcl } from "./put-bucket-acl.ts";
import { putBucketEncryption } from "./put-bucket-encryption.ts";
import { putBucketLifecycleConfiguration } from "./put-bucket-lifecycle-configuration.ts";
import { putBucketOwnershipControls } from "./put-bucket-ownership-controls.ts";
import { putBucketPolicy } from "./put-bucket-policy.ts";
import { putBucketTagging } from "./put-bucket-tagging.ts";
import { putBucketVersioning } from "./put-bucket-versioning.ts";
import { putObject } from "./put-object.ts";
import { putObjectAcl } from "./put-object-acl.ts";
import { putObjectTagging } from "./put-object-tagging.ts";
import { putPublicAccessBlock } from "./put-public-access-block.ts";
import type { Operations } from "./shapes.generated.ts";
import { uploadPart } from "./upload-part.ts";
import { uploadPartCopy } from "./upload-part-copy.ts";

/** Everything that S3 does here, by name; one that is in the shapes and not here does not compile. */
export const operations: { readonly [Name in keyof Operations]: Operation<S3, Input<Name>, Output<Name>> } = {
  ListBuckets: listBuckets,
  CreateBucket: createBucket,
  HeadBucket: headBucket,
  DeleteBucket: deleteBucket,
  GetBucketLocation: getBucketLocation,
  PutBucketVersioning: putBucketVersioning,
  GetBucketVersioning: getBucketVersioning,
  PutBucketPolicy: putBucketPolicy,
  GetBucketPolicy: getBucketPolicy,
  DeleteBucketPolicy: deleteBucketPolicy,
  GetBucketAcl: getBucketAcl,
  PutBucketAcl: putBucketAcl,
  PutBucketEncryption: putBucketEncryption,
  GetBucketEncryption: getBucketEncryption,
  DeleteBucketEncryption: deleteBucketEncryption,
  PutBucketTagging: putBucketTagging,
  GetBucketTagging: getBucketTagging,
  GetObject: getObject,
  PutObject: putObject,
  HeadObject: headObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  CopyObject: copyObject,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  ListObjectVersions: listObjectVersions,
  CreateMultipartUpload: createMultipartUpload,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
  CompleteMultipartUpload: completeMultipartUpload,
  AbortMultipartUpload: abortMultipartUpload,
  ListParts: listParts,
  ListMultipartUploads: listMultipartUploads,
  GetObjectTagging: getObjectTagging,
  PutObjectTagging: putObjectTagging,
  DeleteObjectTagging: deleteObjectTagging,
  GetObjectAcl: getObjectAcl,
  PutObjectAcl: putObjectAcl,
  GetObjectAttributes: getObjectAttributes,
  DeleteBucketTagging: deleteBucketTagging,
  PutBucketLifecycleConfiguration: putBucketLifecycleConfiguration,
  GetBucketLifecycleConfiguration: getBucketLifecycleConfiguration,
  DeleteBucketLifecycle: deleteBucketLifecycle,
  PutPublicAccessBlock: putPublicAccessBlock,
  GetPublicAccessBlock: getPublicAccessBlock,
  DeletePublicAccessBlock: deletePublicAccessBlock,
  PutBucketOwnershipControls: putBucketOwnershipControls,
  GetBucketOwnershipControls: getBucketOwnershipControls,
  DeleteBucketOwnershipControls: deleteBucketOwnershipControls,
  GetBucketPolicyStatus: getBucketPolicyStatus,
  GetBucketLogging: getBucketLogging,
  GetBucketCors: getBucketCors,
  GetBucketWebsite: getBucketWebsite,
  GetBucketAccelerateConfiguration: getBucketAccelerateConfiguration,
  GetBucketRequestPayment: getBucketRequestPayment,
  GetBucketReplication: getBucketReplication,
  GetObjectLockConfiguration: getObjectLockConfiguration,
  GetBucketNotificationConfiguration: getBucketNotificationConfiguration,
};

/** S3, ready to be served. */
export function s3(context: S3): Service<Operations> {
  const regionOf = ({ Bucket }: Readonly<Record<string, string>>) => homeRegion(context, Bucket);
  return service<S3, Operations>({ model, context, operations, regionOf });
}
