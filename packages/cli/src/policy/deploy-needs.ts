/** What actions need that deploy: to a bucket, or to a function. */
import { functionReference } from "../preflight/function-reference.ts";
import { type Action, isLambdaDeploy, isS3Deploy, type Project } from "../project/project.ts";
import { accountOfRole } from "../project/role-policies.ts";
import { type NeededStatement, statement } from "./needed-role.ts";

/** Statements of one action; none for one that does not deploy. */
export function deployStatements(project: Project, action: Action): readonly NeededStatement[] {
  if (isS3Deploy(action)) return toBucket(action);
  return isLambdaDeploy(action) ? toFunction(project, action) : [];
}

/** Source: CodePipeline user guide, "Amazon S3 deploy action reference". */
function toBucket({ configuration = {} }: Action): readonly NeededStatement[] {
  const { BucketName = "", ObjectKey = "", Extract, CannedACL, KMSEncryptionKeyARN: keyArn } = configuration;
  const key = Extract === "true" ? [ObjectKey, "*"].filter(Boolean).join("/") : ObjectKey;
  const actions = ["s3:PutObject", ...(CannedACL ? ["s3:PutObjectAcl"] : [])];
  return [
    ...statement("DeployFiles", actions, [`arn:aws:s3:::${anything(BucketName)}/${anything(key)}`]),
    ...(keyArn ? statement("EncryptFiles", ["kms:GenerateDataKey"], [anything(keyArn)]) : []),
  ];
}

/** Source: CodePipeline user guide, "AWS Lambda deploy action reference", as far as it is done here. */
function toFunction(project: Project, action: Action): readonly NeededStatement[] {
  const { FunctionAlias } = action.configuration ?? {};
  const takesCode = (action.inputArtifacts ?? []).length > 0;
  const actions = [
    ...(takesCode ? ["lambda:UpdateFunctionCode"] : []),
    ...(FunctionAlias ? ["lambda:GetAlias", "lambda:UpdateAlias"] : []),
  ];
  return statement("DeployCode", actions, [functionArn(project, action)]);
}

/** The function that an action names; `*` where a variable decides. */
export function functionArn(project: Project, action: Action): string {
  const known = functionReference(action, project);
  if (known) return known.arn;
  const name = anything(action.configuration?.["FunctionName"]);
  if (name.startsWith("arn:")) return name;
  const account = accountOfRole(action.roleArn, project);
  return `arn:aws:lambda:${action.region ?? project.region}:${account}:function:${name}`;
}

/** A part that a variable decides can be anything. */
export function anything(text = ""): string {
  return text.replaceAll(/#\{[^}]*\}/g, "*");
}
