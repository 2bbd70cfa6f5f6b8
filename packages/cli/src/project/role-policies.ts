/** The policies of roles that nobody declared: as little as the pipeline needs to run. */
import {
  actionsOf,
  deployBucketOf,
  isLambdaAction,
  isS3Deploy,
  isS3Source,
  type PolicyText,
  type Project,
} from "./project.ts";

/** What a function needs to report its job, and nothing else. Source: CodePipeline user guide, invoke a Lambda function. */
export const REPORT_RESULTS: PolicyText = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: ["codepipeline:PutJobFailureResult", "codepipeline:PutJobSuccessResult"],
      Resource: "*",
    },
  ],
};

/** Lets a service, or a role, assume the role. */
export function trust(principal: { readonly Service: readonly string[] } | { readonly AWS: string }): PolicyText {
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" }] };
}

/** What the pipeline's own role needs here: its buckets, its functions, and the roles of its actions. */
export function pipelinePolicy(project: Project): PolicyText {
  const buckets = bucketsOf(project).map((bucket) => `arn:aws:s3:::${bucket}`);
  const functions = functionNamesOf(project).map((name) => `arn:aws:lambda:*:${project.account}:function:${name}`);
  const roles = actionsOf(project.pipeline).flatMap(({ action }) => action.roleArn ?? []);
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["s3:GetBucketVersioning", "s3:GetBucketAcl", "s3:GetBucketLocation", "s3:ListBucket"],
        Resource: buckets,
      },
      {
        Effect: "Allow",
        Action: [
          "s3:GetObject",
          "s3:GetObjectVersion",
          "s3:PutObject",
          ...(setsAcl(project) ? ["s3:PutObjectAcl"] : []),
          "s3:AbortMultipartUpload",
          "s3:ListMultipartUploadParts",
        ],
        Resource: buckets.map((bucket) => `${bucket}/*`),
      },
      {
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        Resource: "*",
      },
      ...(functions.length > 0
        ? [
            {
              Effect: "Allow",
              Action: "lambda:InvokeFunction",
              Resource: functions.flatMap((arn) => [arn, `${arn}:*`]),
            },
          ]
        : []),
      ...(roles.length > 0 ? [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: [...new Set(roles)] }] : []),
    ],
  };
}

function setsAcl({ pipeline }: Project): boolean {
  return actionsOf(pipeline).some(({ action }) => isS3Deploy(action) && action.configuration?.["CannedACL"]);
}

/** Every bucket that the pipeline itself names: its artifact stores, its S3 sources, and what it deploys to. */
export function bucketsOf({ pipeline }: Project): readonly string[] {
  const stores = [pipeline.artifactStore, ...Object.values(pipeline.artifactStores ?? {})];
  const sources = actionsOf(pipeline).flatMap(({ action }) =>
    isS3Source(action) ? (action.configuration?.["S3Bucket"] ?? []) : [],
  );
  const targets = actionsOf(pipeline).flatMap(({ action }) => deployBucketOf(action) ?? []);
  return [...new Set([...stores.flatMap((store) => store?.location ?? []), ...sources, ...targets])];
}

/** The functions that the pipeline calls, by name; a name that a variable decides is left out. */
export function functionNamesOf({ pipeline }: Project): readonly string[] {
  const named = actionsOf(pipeline).flatMap(({ action }) => {
    const name = isLambdaAction(action) ? functionName(action.configuration?.["FunctionName"] ?? "") : "";
    return name === "" || name.includes("#{") ? [] : [name];
  });
  return [...new Set(named)];
}

/** The name in a function's name, partial ARN or ARN, without version or alias. */
function functionName(given: string): string {
  return /^(?:arn:[\w-]+:lambda:[\w-]*:)?(?:\d{12}:)?(?:function:)?([^:]+)(?::[^:]+)?$/.exec(given)?.[1] ?? given;
}
