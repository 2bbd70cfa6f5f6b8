/** What the roles of a pipeline and of its actions need, action by action, merged by role. */
import { ARTIFACT_KEY_PIPELINE_CHARS_MAX } from "@penstock/pipeline";
import { decideAccess, readPolicy } from "@penstock/server/checks";
import { storeOf } from "../preflight/check-access.ts";
import {
  type Action,
  type ArtifactStore,
  actionsOf,
  isLambdaAction,
  isLambdaDeploy,
  isS3Deploy,
  isS3Source,
  type Project,
} from "../project/project.ts";
import { anything, deployStatements, functionArn } from "./deploy-needs.ts";
import { type NeededStatement, statement } from "./needed-role.ts";

/** What one action adds to its role, by the kind of resource. */
interface ActionNeeds {
  readonly functions: readonly string[];
  readonly sources: readonly { readonly bucket: string; readonly object: string }[];
  readonly reads: readonly ArtifactStore[];
  readonly writes: readonly ArtifactStore[];
  readonly deploys: readonly NeededStatement[];
}

/** Statements by the ARNs of the roles that need them. */
export function pipelineNeeds(project: Project): ReadonlyMap<string, readonly NeededStatement[]> {
  const { pipeline } = project;
  const byRole = new Map<string, ActionNeeds[]>([[pipeline.roleArn, []]]);
  for (const { action } of actionsOf(pipeline)) {
    const role = action.roleArn ?? pipeline.roleArn;
    byRole.set(role, [...(byRole.get(role) ?? []), actionNeeds(project, action)]);
  }
  const others = [...byRole.keys()].filter((role) => role !== pipeline.roleArn && !letsIn(project, role));
  return new Map(
    [...byRole].map(([role, needs]) => [
      role,
      [
        ...statementsOf(project, needs),
        ...(role === pipeline.roleArn ? statement("AssumeActionRoles", ["sts:AssumeRole"], others) : []),
      ],
    ]),
  );
}

/** Whether a role's declared trust names the pipeline's role itself, so that nothing else is needed. */
function letsIn({ pipeline, roles, account }: Project, roleArn: string): boolean {
  const trust = roles[roleArn.slice(roleArn.lastIndexOf("/") + 1)]?.trust;
  const read = trust && readPolicy(trust, "trust");
  if (!read?.ok) return false;
  return decideAccess({
    asking: { role: { arn: pipeline.roleArn, policies: [] } },
    action: "sts:AssumeRole",
    resource: roleArn,
    resourceAccount: roleArn.split(":")[4] ?? account,
    resourcePolicy: read.document,
  }).allowed;
}

/** What is said of actions whose needs are not known. */
export function pipelineNotes({ pipeline }: Project): readonly string[] {
  return actionsOf(pipeline).flatMap(({ action }) => {
    const { category, owner, provider } = action.actionTypeId;
    if (isLambdaAction(action)) {
      const given = action.configuration?.["FunctionName"] ?? "";
      return given.includes("#{")
        ? [`action ${action.name} calls ${given}: a variable decides, so all that it may become are allowed`]
        : [];
    }
    const needsNothing = category === "Approval" && !action.configuration?.["NotificationArn"];
    return KNOWN.some((isOne) => isOne(action)) || needsNothing
      ? []
      : [`action ${action.name}: what ${owner} ${category} ${provider} needs is not known here, so add it to its role`];
  });
}

const KNOWN = [isLambdaAction, isS3Source, isS3Deploy, isLambdaDeploy];

function actionNeeds(project: Project, action: Action): ActionNeeds {
  const store = storeOf(project, action);
  const isKnown = store !== undefined && KNOWN.some((isOne) => isOne(action));
  const { inputArtifacts = [], outputArtifacts = [], configuration = {} } = action;
  // A function that continues takes up what it has written.
  const readsOutputs = isLambdaAction(action) && outputArtifacts.length > 0;
  return {
    functions: isLambdaAction(action) ? [functionArn(project, action)] : [],
    sources: isS3Source(action)
      ? [{ bucket: anything(configuration["S3Bucket"]), object: anything(configuration["S3ObjectKey"]) }]
      : [],
    reads: isKnown && (inputArtifacts.length > 0 || readsOutputs) ? [store] : [],
    writes: isKnown && outputArtifacts.length > 0 ? [store] : [],
    deploys: deployStatements(project, action),
  };
}

function statementsOf(project: Project, needs: readonly ActionNeeds[]): readonly NeededStatement[] {
  const sources = needs.flatMap((need) => need.sources);
  const reads = needs.flatMap((need) => need.reads);
  const writes = needs.flatMap((need) => need.writes);
  return [
    ...statement(
      "LookAtSources",
      ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"],
      sources.map(({ bucket }) => `arn:aws:s3:::${bucket}`),
    ),
    ...statement(
      "ReadSources",
      ["s3:GetObject", "s3:GetObjectVersion"],
      sources.map(({ bucket, object }) => `arn:aws:s3:::${bucket}/${object}`),
    ),
    ...statement(
      "ReadArtifacts",
      ["s3:GetObject", "s3:GetObjectVersion"],
      reads.map((store) => artifacts(project, store)),
    ),
    ...statement(
      "WriteArtifacts",
      ["s3:PutObject"],
      writes.map((store) => artifacts(project, store)),
    ),
    ...keyStatements(project, reads, writes),
    ...statement(
      "InvokeFunctions",
      ["lambda:InvokeFunction"],
      needs.flatMap((need) => need.functions),
    ),
    ...needs.flatMap((need) => need.deploys),
  ];
}

/** All artifacts of a pipeline lie in one folder, which other pipelines share whose names begin alike. */
function artifacts({ pipeline }: Project, { location }: ArtifactStore): string {
  return `arn:aws:s3:::${location}/${pipeline.name.slice(0, ARTIFACT_KEY_PIPELINE_CHARS_MAX)}/*`;
}

function keyStatements(project: Project, reads: readonly ArtifactStore[], writes: readonly ArtifactStore[]) {
  const ids = new Set([...reads, ...writes].flatMap(({ encryptionKey }) => encryptionKey?.id ?? []));
  return [...ids].flatMap((id, index) => {
    const isWritten = writes.some(({ encryptionKey }) => encryptionKey?.id === id);
    // An upload in parts decrypts what it has put together.
    const actions = ["kms:Decrypt", ...(isWritten ? ["kms:GenerateDataKey"] : [])];
    return keyStatement(project, id, `UseArtifactKey${index === 0 ? "" : index + 1}`, actions);
  });
}

/** In a policy an alias names only itself; the key behind it is named by a condition. */
function keyStatement({ region, account }: Project, id: string, sid: string, actions: readonly string[]) {
  const alias = /^(?:arn:aws[\w-]*:kms:([\w-]+):(\d{12}):)?(alias\/.+)$/.exec(id);
  if (!alias) {
    const arn = id.startsWith("arn:") ? id : `arn:aws:kms:${region}:${account}:key/${id}`;
    return statement(sid, actions, [arn]);
  }
  const [, aliasRegion = region, aliasAccount = account, name = ""] = alias;
  return statement(sid, actions, [`arn:aws:kms:${aliasRegion}:${aliasAccount}:key/*`], {
    "ForAnyValue:StringEquals": { "kms:ResourceAliases": name },
  });
}
