/** The policies of roles that nobody declared: as little as the pipeline needs to run. */
import {
  actionsOf,
  deployBucketOf,
  isLambdaAction,
  isLambdaDeploy,
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

/** What the pipeline's own role, or an action's, needs here: its buckets, its functions, and the roles of its actions. */
export function pipelinePolicy(project: Project): PolicyText {
  const buckets = bucketsOf(project).map((bucket) => `arn:aws:s3:::${bucket}`);
  const arnOf = ({ name, account }: CalledFunction) => `arn:aws:lambda:*:${account}:function:${name}`;
  const functions = calledFunctions(project).map(arnOf);
  const deployed = calledFunctions(project, isLambdaDeploy).map(arnOf);
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
      ...(deployed.length > 0
        ? [
            {
              Effect: "Allow",
              Action: ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:UpdateFunctionCode"],
              Resource: deployed,
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

export interface CalledFunction {
  readonly name: string;
  /** Twelve digits. */
  readonly account: string;
}

/**
 * The functions that the pipeline calls, or that actions of another kind name, each in the account where that is done;
 * one that a variable decides is left out.
 */
export function calledFunctions(project: Project, isOfKind = isLambdaAction): readonly CalledFunction[] {
  const called = actionsOf(project.pipeline).flatMap(({ action }): CalledFunction[] => {
    const given = isOfKind(action) ? (action.configuration?.["FunctionName"] ?? "") : "";
    if (given === "" || given.includes("#{")) return [];
    const [, owner, name = given] = FUNCTION.exec(given) ?? [];
    return [{ name, account: owner ?? accountOfRole(action.roleArn, project) }];
  });
  return [...new Map(called.map((each) => [`${each.account} ${each.name}`, each])).values()];
}

/** A function's name, partial ARN or ARN, with or without a version or alias. */
const FUNCTION = /^(?:arn:[\w-]+:lambda:[\w-]*:)?(?:(\d{12}):)?(?:function:)?([^:]+)(?::[^:]+)?$/;

/** The account of a role that is named by its ARN; the project's for a bare name, and for none. */
export function accountOfRole(role: string | undefined, { account }: Project): string {
  return /^arn:[\w-]+:iam::(\d{12}):/.exec(role ?? "")?.[1] ?? account;
}

/** The account that a declared function is of: its role's, and without a role the one where it is called. */
export function accountOfFunction(name: string, project: Project): string {
  const { role } = project.functions[name] ?? {};
  if (role !== undefined) return accountOfRole(role, project);
  return calledFunctions(project).find((called) => called.name === name)?.account ?? project.account;
}
