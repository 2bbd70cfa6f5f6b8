/** Who may do what: results, calls, artifacts, sources, keys, and who may assume whom. */
import { artifactKey, extensionOf } from "@penstock/pipeline";
import { functionNeeds } from "../policy/function-needs.ts";
import { roleArnOf } from "../project/deploy-roles.ts";
import {
  type Action,
  type ArtifactStore,
  deployBucketOf,
  isLambdaAction,
  isS3Deploy,
  isS3Source,
  type Project,
} from "../project/project.ts";
import { accountOfFunction, accountOfRole } from "../project/role-policies.ts";
import { isTrusted, missingOf, type Need } from "./access.ts";
import type { Finding } from "./finding.ts";
import { functionReference } from "./function-reference.ts";
import type { KnownRole, Policies } from "./roles.ts";

/** Rights of one action: of its own role, or the pipeline's, and of the function that it calls. */
export function checkActionAccess(project: Project, action: Action, policies: Policies): Omit<Finding, "action">[] {
  const role = policies.roleOf(action.roleArn ?? project.pipeline.roleArn);
  if (!role) return []; // every role that is named is known
  const needs = [
    ...sourceNeeds(project, action, role, policies),
    ...artifactNeeds(project, action, role, policies),
    ...deployNeeds(project, action, role, policies),
  ];
  const call = isLambdaAction(action) ? callNeeds(project, action, role, policies) : [];
  return [
    ...actionTrust(project, action, role, policies),
    ...[...call, ...needs].flatMap(missingOf),
    ...reportAcross(project, action),
    ...managedKeyAcross(project, action, role),
  ];
}

/** A job is known in its pipeline's account alone. */
function reportAcross(project: Project, action: Action): Omit<Finding, "action">[] {
  const reference = isLambdaAction(action) ? functionReference(action, project) : undefined;
  if (!reference || reference.account === project.account) return [];
  return [
    {
      severity: "warning",
      check: "reportResults",
      message: `function ${reference.name} is of account ${reference.account}, and its job is known in account ${project.account} alone: its own role cannot report`,
      remedy: `Have it assume a role of account ${project.account} that may call codepipeline:PutJobSuccessResult and PutJobFailureResult, and report with that.`,
    },
  ];
}

/** The key that AWS manages for S3 serves its own account alone. */
function managedKeyAcross(project: Project, action: Action, role: KnownRole): Omit<Finding, "action">[] {
  const account = accountOfRole(role.arn, project);
  const store = storeOf(project, action);
  const hasArtifacts = [...(action.inputArtifacts ?? []), ...(action.outputArtifacts ?? [])].length > 0;
  if (account === project.account || !store || store.encryptionKey || !hasArtifacts) return [];
  return [
    {
      severity: "error",
      check: "useKey",
      message: `role ${role.name} is of account ${account}, and the artifact store has no key of its own: its artifacts are under the key that AWS manages for S3, which no other account can use`,
      remedy: `Give the artifact store an encryptionKey, whose policy names the role.`,
    },
  ];
}

function callNeeds(project: Project, action: Action, role: KnownRole, policies: Policies): Need[] {
  const reference = functionReference(action, project);
  if (!reference) return [];
  const needs: Need[] = [
    {
      check: "invokeFunction",
      role,
      actions: ["lambda:InvokeFunction"],
      resources: [reference.arn],
      resourceAccount: reference.account,
      purpose: `call function ${reference.name}`,
    },
  ];
  const functionRole = Object.hasOwn(project.functions, reference.name)
    ? policies.roleOf(roleArnOf(project, reference.name))
    : undefined;
  if (functionRole && accountOfRole(functionRole.arn, project) === project.account) {
    needs.push({
      check: "reportResults",
      role: functionRole,
      actions: ["codepipeline:PutJobSuccessResult", "codepipeline:PutJobFailureResult"],
      resources: ["*"], // the operations have no resource type
      resourceAccount: project.account,
      purpose: `report the result of its job from function ${reference.name}`,
    });
    needs.push(...ownNeeds(project, reference.name, functionRole));
  }
  return needs;
}

const OWN_PURPOSES: Readonly<Record<string, string>> = {
  RenewArtifactCredentials: "get fresh artifact credentials in a run of more than 15 minutes",
  KeepState: "keep a large state in the bucket that stateBucket names",
};

/** What the function's own sources show that it does beside reporting, for now or for later in a long run. */
function ownNeeds(project: Project, name: string, role: KnownRole): Need[] {
  const declared = project.functions[name];
  const statements = declared ? functionNeeds(project, name, declared).statements : [];
  return statements.flatMap(({ Sid, Action, Resource }) => {
    const purpose = OWN_PURPOSES[Sid];
    const { account: resourceAccount } = project;
    const need = { check: "ownRights", severity: "warning", role, actions: Action, resourceAccount } as const;
    return purpose === undefined ? [] : Resource.map((resource) => ({ ...need, resources: [resource], purpose }));
  });
}

/** Source: CodePipeline user guide, S3 source; what the source copies with, and what AWS wants besides. */
function sourceNeeds(project: Project, action: Action, role: KnownRole, policies: Policies): Need[] {
  const { S3Bucket: bucket = "", S3ObjectKey: key = "" } = action.configuration ?? {};
  if (!isS3Source(action) || bucket === "" || key.includes("#{")) return [];
  const owner = { name: `bucket ${bucket}`, policy: policies.bucketPolicy(bucket) };
  const shared = { check: "readSource", role, resourceAccount: project.account, owner } as const;
  const arn = `arn:aws:s3:::${bucket}`;
  return [
    { ...shared, actions: ["s3:GetObject"], resources: [`${arn}/${key}`], purpose: `read s3://${bucket}/${key}` },
    {
      ...shared,
      severity: "warning",
      actions: ["s3:GetObjectVersion"],
      resources: [`${arn}/${key}`],
      purpose: `read s3://${bucket}/${key} in AWS, which takes one version of it`,
    },
    {
      ...shared,
      severity: "warning",
      actions: ["s3:GetBucketVersioning", "s3:GetBucketAcl", "s3:GetBucketLocation"],
      resources: [arn],
      purpose: `look at the source bucket ${bucket} in AWS`,
    },
  ];
}

/** What an S3 deploy action writes with. Source: CodePipeline user guide, S3 deploy action. */
function deployNeeds(project: Project, action: Action, role: KnownRole, policies: Policies): Need[] {
  const bucket = deployBucketOf(action);
  if (bucket === undefined) return [];
  const { ObjectKey: key = "", Extract, CannedACL } = action.configuration ?? {};
  const written = Extract === "true" ? `${key === "" ? "" : `${key}/`}any-file` : key;
  return [
    {
      check: "deploy",
      role,
      actions: ["s3:PutObject", ...(CannedACL ? ["s3:PutObjectAcl"] : [])],
      resources: [`arn:aws:s3:::${bucket}/${written}`],
      grant: `arn:aws:s3:::${bucket}/*`,
      resourceAccount: project.account,
      owner: { name: `bucket ${bucket}`, policy: policies.bucketPolicy(bucket) },
      purpose: `deploy to s3://${bucket}/${key}`,
    },
  ];
}

/** An S3 source writes its artifact itself; a function gets credentials of this role, narrowed to its artifacts. */
function artifactNeeds(project: Project, action: Action, role: KnownRole, policies: Policies): Need[] {
  const store = storeOf(project, action);
  if (!store || !(isLambdaAction(action) || isS3Source(action) || isS3Deploy(action))) return [];
  const bucket = store.location;
  const owner = { name: `bucket ${bucket}`, policy: policies.bucketPolicy(bucket) };
  const shared = { role, resourceAccount: project.account, owner, grant: `arn:aws:s3:::${bucket}/*` };
  const arnOf = (name: string, isSource: boolean) => `arn:aws:s3:::${bucket}/${keyOf(project, action, name, isSource)}`;
  const inputs = (action.inputArtifacts ?? []).map(
    ({ name }): Need => ({
      ...shared,
      check: "readArtifact",
      actions: ["s3:GetObject"],
      resources: [arnOf(name, false)],
      purpose: `read artifact ${name}`,
    }),
  );
  const outputs = (action.outputArtifacts ?? []).map(
    ({ name }): Need => ({
      ...shared,
      check: "writeArtifact",
      actions: ["s3:PutObject"],
      resources: [arnOf(name, isS3Source(action))],
      context: encryptionOf(store),
      purpose: `write artifact ${name}`,
    }),
  );
  return [
    ...inputs,
    ...outputs,
    ...keyNeeds({ ...project, region: action.region ?? project.region }, store, role, policies, [
      inputs.length > 0,
      outputs.length > 0,
    ]),
  ];
}

/** How an artifact is written, for policies that want it encrypted. */
function encryptionOf({ encryptionKey }: ArtifactStore): Record<string, string> {
  return {
    "s3:x-amz-server-side-encryption": "aws:kms",
    ...(encryptionKey ? { "s3:x-amz-server-side-encryption-aws-kms-key-id": encryptionKey.id } : {}),
  };
}

function keyOf({ pipeline }: Project, { configuration }: Action, artifactName: string, isSource: boolean): string {
  const extension = isSource ? extensionOf(configuration?.["S3ObjectKey"] ?? "") : "";
  return artifactKey({ pipelineName: pipeline.name, artifactName, random: "Penstoc", extension });
}

/** The store of the action's region. */
export function storeOf({ pipeline, region }: Project, action: Action): ArtifactStore | undefined {
  return pipeline.artifactStore ?? pipeline.artifactStores?.[action.region ?? region];
}

/** Only a key that the store names has a policy to agree with; S3's own key serves everyone in the account. */
function keyNeeds(
  project: Project,
  { encryptionKey }: ArtifactStore,
  role: KnownRole,
  policies: Policies,
  [reads, writes]: readonly [boolean, boolean],
): Need[] {
  if (!encryptionKey || !(reads || writes)) return [];
  const alias = aliasOf(encryptionKey.id);
  const { region, account } = project;
  const resources = alias === undefined ? [keyArn(encryptionKey.id, project)] : keysNamedBy(role, project);
  const need: Need = {
    check: "useKey",
    role,
    actions: [...(reads ? ["kms:Decrypt"] : []), ...(writes ? ["kms:GenerateDataKey"] : [])],
    resources,
    resourceAccount: /^arn:aws:kms:[\w-]+:(\d{12}):/.exec(encryptionKey.id)?.[1] ?? account,
    grant: alias === undefined ? (resources[0] ?? "*") : `arn:aws:kms:${region}:${account}:key/*`,
    owner: {
      name: `key ${alias ?? encryptionKey.id}`,
      policy: alias === undefined ? undefined : policies.keyPolicy(alias),
    },
    context: {
      "kms:ViaService": `s3.${region}.amazonaws.com`,
      "kms:CallerAccount": accountOfRole(role.arn, project),
      ...(alias !== undefined && { "kms:ResourceAliases": [alias] }),
    },
    purpose: "use the key of the artifact store",
  };
  return [need];
}

/** What is told of the keys of artifact stores themselves: whether they can be known here. */
export function checkStoreKeys({ pipeline, keys = {} }: Project): Finding[] {
  const stores = [pipeline.artifactStore, ...Object.values(pipeline.artifactStores ?? {})];
  const ids = new Set(stores.flatMap((store) => store?.encryptionKey?.id ?? []));
  return [...ids].flatMap((id): Finding[] => {
    const alias = aliasOf(id);
    if (alias !== undefined && Object.hasOwn(keys, alias)) return [];
    return [
      {
        severity: "note",
        check: "useKey",
        message: `the key ${id} of the artifact store is not declared, so its policy is not checked, and penstock run does not make it`,
        remedy:
          alias === undefined
            ? 'Name it by an alias, and declare that under "keys" in penstock.yaml: a key with this id cannot be made here.'
            : `Declare ${alias} under "keys" in penstock.yaml.`,
      },
    ];
  });
}

/** The alias in an alias or its ARN. */
function aliasOf(keyId: string): string | undefined {
  return /(?:^|:)(alias\/.+)$/.exec(keyId)?.[1];
}

function keyArn(id: string, { region, account }: Project): string {
  return id.startsWith("arn:") ? id : `arn:aws:kms:${region}:${account}:key/${id}`;
}

/** Which key an alias stands for is not known here: whichever the role's own policies name may be it. */
function keysNamedBy(role: KnownRole, project: Project): string[] {
  const named = role.policies
    .flatMap(({ Statement }) => Statement.flatMap(({ Resource = [] }) => [Resource].flat()))
    .filter((resource) => /^arn:aws:kms:[\w-]+:\d{12}:key\/[\w-]+$/.test(resource));
  return [...new Set([...named, keyArn("00000000-0000-0000-0000-000000000000", project)])];
}

/** Whether the pipeline's role may become the action's own. */
function actionTrust(project: Project, action: Action, role: KnownRole, policies: Policies): Omit<Finding, "action">[] {
  const pipelineRole = policies.roleOf(project.pipeline.roleArn);
  if (!action.roleArn || !pipelineRole || role === pipelineRole) return [];
  const decision = isTrusted(role, { role: pipelineRole }, {});
  if (decision.allowed) return [];
  const principal = { AWS: pipelineRole.arn };
  const lacksGrant = decision.reason === "noIdentityPolicy";
  return [
    {
      severity: "error",
      check: "trust",
      message: `the pipeline's role ${pipelineRole.name} may not assume role ${role.name} of this action. ${decision.message}.`,
      ...(decision.reason === "explicitDeny"
        ? {
            remedy: `Take the "Deny" out of the trust of role ${role.name}, or of the policies of ${pipelineRole.name}.`,
          }
        : lacksGrant
          ? {
              remedy: `Add this statement to a policy of role ${pipelineRole.name}:`,
              statement: {
                policyOf: `role ${pipelineRole.name}`,
                statement: { Effect: "Allow", Action: "sts:AssumeRole", Resource: role.arn },
              },
            }
          : trustStatement(role, principal)),
    },
  ];
}

/** Whether CodePipeline may act as the pipeline, and Lambda as each function that is called. */
export function checkServiceTrust(project: Project, policies: Policies): Finding[] {
  const { pipeline, account, region } = project;
  const pipelineArn = `arn:aws:codepipeline:${region}:${account}:${pipeline.name}`;
  const source = { "aws:SourceAccount": account, "aws:SourceArn": pipelineArn };
  const wanted = [
    { role: policies.roleOf(pipeline.roleArn), service: "codepipeline.amazonaws.com", what: "the pipeline", source },
    ...Object.keys(project.functions).map((name) => ({
      role: policies.roleOf(roleArnOf(project, name)),
      service: "lambda.amazonaws.com",
      what: `function ${name}`,
      source: functionSource(name, project),
    })),
  ];
  return wanted.flatMap(({ role, service, what, source: context }): Finding[] => {
    if (!role) return [];
    const decision = isTrusted(role, { service }, context);
    if (decision.allowed) return [];
    const explicit = decision.reason === "explicitDeny";
    return [
      {
        severity: "error",
        check: "trust",
        message: `${service} may not assume role ${role.name} of ${what}: its trust policy does not let it`,
        ...(explicit
          ? { remedy: `Take the "Deny" that covers it out of the trust of role ${role.name}.` }
          : trustStatement(role, { Service: service })),
        at: { file: "penstock", path: ["roles", role.name, "trust"] },
      },
    ];
  });
}

function functionSource(name: string, project: Project) {
  const account = accountOfFunction(name, project);
  const arn = `arn:aws:lambda:${project.region}:${account}:function:${name}`;
  return { "aws:SourceAccount": account, "aws:SourceArn": arn };
}

function trustStatement(role: KnownRole, principal: Readonly<Record<string, string>>) {
  const policyOf = `trust of role ${role.name}`;
  return {
    remedy: `Add this statement to the ${policyOf}:`,
    statement: { policyOf, statement: { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" } },
  };
}
