/** The operations whose shapes are kept, by service; `undefined` keeps all. */
export const servedOperations: Readonly<Record<string, readonly string[] | undefined>> = {
  codepipeline: undefined,
  lambda: list(`
    CreateFunction GetFunction GetFunctionConfiguration UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction
    ListFunctions Invoke PublishVersion ListVersionsByFunction CreateAlias GetAlias UpdateAlias DeleteAlias ListAliases
    AddPermission RemovePermission GetPolicy PutFunctionEventInvokeConfig GetFunctionEventInvokeConfig
    DeleteFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig PutFunctionConcurrency GetFunctionConcurrency
    DeleteFunctionConcurrency TagResource UntagResource ListTags ListFunctionEventInvokeConfigs PublishLayerVersion
    GetLayerVersion GetLayerVersionByArn DeleteLayerVersion ListLayers ListLayerVersions`),
  s3: list(`
    ListBuckets CreateBucket HeadBucket DeleteBucket GetBucketLocation PutBucketVersioning GetBucketVersioning
    PutBucketPolicy GetBucketPolicy DeleteBucketPolicy GetBucketAcl PutBucketAcl PutBucketEncryption
    GetBucketEncryption DeleteBucketEncryption PutBucketTagging GetBucketTagging GetObject PutObject HeadObject
    DeleteObject DeleteObjects CopyObject ListObjects ListObjectsV2 ListObjectVersions CreateMultipartUpload
    UploadPart UploadPartCopy CompleteMultipartUpload AbortMultipartUpload ListParts ListMultipartUploads
    GetObjectTagging PutObjectTagging DeleteObjectTagging GetObjectAcl PutObjectAcl GetObjectAttributes
    DeleteBucketTagging PutBucketLifecycleConfiguration GetBucketLifecycleConfiguration DeleteBucketLifecycle
    PutPublicAccessBlock GetPublicAccessBlock DeletePublicAccessBlock PutBucketOwnershipControls
    GetBucketOwnershipControls DeleteBucketOwnershipControls GetBucketPolicyStatus GetBucketLogging GetBucketCors
    GetBucketWebsite GetBucketAccelerateConfiguration GetBucketRequestPayment GetBucketReplication
    GetObjectLockConfiguration GetBucketNotificationConfiguration`),
  sts: list("GetCallerIdentity AssumeRole GetSessionToken"),
  iam: list(`
    CreateRole GetRole UpdateRole UpdateAssumeRolePolicy DeleteRole ListRoles PutRolePolicy GetRolePolicy
    DeleteRolePolicy ListRolePolicies AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies`),
  kms: list(`
    CreateKey DescribeKey ListKeys CreateAlias DeleteAlias ListAliases EnableKey DisableKey ScheduleKeyDeletion
    CancelKeyDeletion Encrypt Decrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GetKeyPolicy PutKeyPolicy`),
  logs: list(`
    CreateLogGroup DescribeLogGroups DeleteLogGroup CreateLogStream DescribeLogStreams DeleteLogStream PutLogEvents
    GetLogEvents FilterLogEvents PutRetentionPolicy DeleteRetentionPolicy ListTagsForResource TagResource
    UntagResource`),
};

function list(names: string): readonly string[] {
  return names.trim().split(/\s+/);
}
