import type { PolicyDocument } from "./identity.ts";

/**
 * The policies of AWS's own that roles of pipelines and functions are given, by their ARN. They cover what
 * Penstock serves, and are not copies: AWS's documents name services that are not here.
 *
 * Source: our choice of documents; names and paths as in AWS.
 */
export const managedPolicies: ReadonlyMap<string, PolicyDocument> = new Map([
  policy("AdministratorAccess", ["*"]),
  policy("AmazonS3FullAccess", ["s3:*"]),
  policy("AmazonS3ReadOnlyAccess", ["s3:Get*", "s3:List*", "s3:Describe*"]),
  policy("AWSCodePipeline_FullAccess", ["codepipeline:*", "iam:PassRole", "iam:ListRoles", "lambda:ListFunctions"]),
  policy("AWSCodePipeline_ReadOnlyAccess", ["codepipeline:Get*", "codepipeline:List*"]),
  policy("AWSCodePipelineApproverAccess", [
    "codepipeline:GetPipeline",
    "codepipeline:GetPipelineState",
    "codepipeline:GetPipelineExecution",
    "codepipeline:ListPipelineExecutions",
    "codepipeline:ListPipelines",
    "codepipeline:PutApprovalResult",
  ]),
  policy("AWSCodePipelineCustomActionAccess", [
    "codepipeline:AcknowledgeJob",
    "codepipeline:GetJobDetails",
    "codepipeline:PollForJobs",
    "codepipeline:PutJobFailureResult",
    "codepipeline:PutJobSuccessResult",
  ]),
  policy("AWSLambda_FullAccess", ["lambda:*", "logs:*", "iam:PassRole", "iam:GetRole", "iam:ListRoles"]),
  policy("AWSXRayDaemonWriteAccess", ["xray:Put*", "xray:GetSampling*"]),
  policy("CloudWatchLogsFullAccess", ["logs:*"]),
  policy("service-role/AWSLambdaBasicExecutionRole", [
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
  ]),
  policy("service-role/AWSLambdaRole", ["lambda:InvokeFunction"]),
]);

function policy(pathAndName: string, actions: readonly string[]): [string, PolicyDocument] {
  const statement = { Effect: "Allow", Action: actions, Resource: "*" } as const;
  return [`arn:aws:iam::aws:policy/${pathAndName}`, { Version: "2012-10-17", Statement: [statement] }];
}
