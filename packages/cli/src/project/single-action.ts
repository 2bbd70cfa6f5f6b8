/** A pipeline around one function: what `invoke` and `event` run. */
import { inputWrong } from "../failure.ts";
import {
  type Action,
  DEFAULT_REGION,
  type FunctionDeclaration,
  type PolicyText,
  type Project,
  type Stage,
} from "./project.ts";
import { pipelinePolicy, REPORT_RESULTS, trust } from "./role-policies.ts";

/** Account and region where nobody says otherwise. */
const ACCOUNT = "000000000000";
const SOURCE_BUCKET = "penstock-invoke-source";
const ARTIFACT_BUCKET = "penstock-invoke-artifacts";
const PIPELINE_ROLE = "penstock-invoke-pipeline";
const FUNCTION_ROLE = "penstock-invoke-function";

/** Name of the source artifact when none is given: a pipeline must start with one. */
export const NO_INPUT = "NoInput";

/** A zip without entries is its end record and nothing else. */
const EMPTY_ZIP = Buffer.concat([Buffer.from("PK\x05\x06"), Buffer.alloc(18)]);

/** The stage of the pipeline's Lambda action. */
export const INVOKE_STAGE = "Invoke";

/** At most this many artifacts go in, and out. Source: CodePipeline user guide, Lambda action reference. */
const ARTIFACTS_MAX = 5;

export interface SingleAction {
  readonly functionName: string;
  readonly declared: FunctionDeclaration;
  /** `FunctionName` of the action, where it is more than the name. */
  readonly reference?: string;
  readonly userParameters?: string;
  /** Paths, or the bytes of zips, by the name of the input artifact. */
  readonly inputs: Project["inputs"];
  readonly outputs: readonly string[];
  /** Policy of the function's role; without one it may report results, and nothing else. */
  readonly policy?: PolicyText;
  /** Alias, or its ARN, of the key that artifacts are encrypted with; S3's own without it. */
  readonly encryptionKey?: string;
  /** From `penstock.yaml`, where the function comes from there. */
  readonly surroundings?: Pick<Project, "roles" | "buckets" | "keys" | "otherServices" | "accounts"> & {
    readonly account?: string;
    readonly region?: string;
  };
}

/** Throws a `Failure` (exit status 2) for more artifacts than an action may have. */
export function singleActionProject(single: SingleAction): Project {
  const { functionName, declared, inputs, surroundings, encryptionKey } = single;
  const given = Object.keys(inputs);
  if (given.length > ARTIFACTS_MAX || single.outputs.length > ARTIFACTS_MAX) {
    throw inputWrong(
      `an action takes at most ${ARTIFACTS_MAX} input and ${ARTIFACTS_MAX} output artifacts`,
      "Give fewer of --input and --output.",
    );
  }
  const account = surroundings?.account ?? ACCOUNT;
  const functionPolicy = single.policy ?? (declared.role === undefined ? REPORT_RESULTS : undefined);
  const project: Project = {
    pipeline: {
      name: `invoke-${functionName}`.slice(0, 100),
      roleArn: `arn:aws:iam::${account}:role/${PIPELINE_ROLE}`,
      artifactStore: {
        type: "S3",
        location: ARTIFACT_BUCKET,
        ...(encryptionKey === undefined ? {} : { encryptionKey: { id: encryptionKey, type: "KMS" } }),
      },
      stages: [sourceStage(given.length > 0 ? given : [NO_INPUT]), invokeStage(single, given)],
    },
    functions: { [functionName]: functionPolicy ? { ...declared, role: FUNCTION_ROLE } : declared },
    roles: roleOf(declared, surroundings?.roles ?? {}),
    buckets: surroundings?.buckets ?? {},
    keys: surroundings?.keys ?? {},
    ...(surroundings?.otherServices ? { otherServices: surroundings.otherServices } : {}),
    ...(surroundings?.accounts ? { accounts: surroundings.accounts } : {}),
    inputs: given.length > 0 ? inputs : { [NO_INPUT]: EMPTY_ZIP },
    account,
    region: surroundings?.region ?? DEFAULT_REGION,
    origin: "penstock invoke",
    notes: [],
  };
  return { ...project, roles: { ...project.roles, ...ownRoles(project, functionPolicy) } };
}

/** Of the declared roles, the function's own is enough. */
function roleOf({ role }: FunctionDeclaration, roles: Project["roles"]): Project["roles"] {
  const name = role?.slice(role.lastIndexOf("/") + 1) ?? "";
  return roles[name] ? { [name]: roles[name] } : {};
}

function ownRoles(project: Project, functionPolicy: PolicyText | undefined): Project["roles"] {
  const service = (name: string) => trust({ Service: [`${name}.amazonaws.com`] });
  return {
    [PIPELINE_ROLE]: { trust: service("codepipeline"), policies: { pipeline: pipelinePolicy(project) } },
    ...(functionPolicy
      ? { [FUNCTION_ROLE]: { trust: service("lambda"), policies: { function: functionPolicy } } }
      : {}),
  };
}

function sourceStage(artifacts: readonly string[]): Stage {
  const actions = artifacts.map(
    (name): Action => ({
      name,
      actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
      configuration: { S3Bucket: SOURCE_BUCKET, S3ObjectKey: `${name}.zip`, PollForSourceChanges: "false" },
      outputArtifacts: [{ name }],
    }),
  );
  return { name: "Source", actions };
}

function invokeStage(
  { functionName, reference = functionName, userParameters, outputs }: SingleAction,
  inputs: readonly string[],
): Stage {
  const action: Action = {
    name: functionName,
    actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
    configuration: {
      FunctionName: reference,
      ...(userParameters === undefined ? {} : { UserParameters: userParameters }),
    },
    inputArtifacts: inputs.map((name) => ({ name })),
    outputArtifacts: outputs.map((name) => ({ name })),
  };
  return { name: INVOKE_STAGE, actions: [action] };
}
