import type { Caller, Client } from "./client.ts";
import { lambdaAction, zipOfFunctions } from "./ground.ts";
import type { Penstock } from "./server.ts";

/*
 * The service's own way across accounts, laid by any client. Account A has a pipeline, its bucket and its key; account
 * B has a function, its bucket, and the role under which the pipeline's action calls the function. Every permission is
 * one named statement, so that a test can leave one out.
 *
 * Source: user guide, "Create a pipeline that uses resources from another account".
 */

/** Who has a statement: a role's own policy, its trust, or what a resource says itself. */
type Holder =
  | "pipeline role"
  | "reporter role"
  | "reporter trust"
  | "action role"
  | "action trust"
  | "function role"
  | "bucket"
  | "key";

interface Statement {
  readonly Effect: "Allow";
  readonly Action: string | readonly string[];
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Resource?: string | readonly string[];
}

/** The name of a statement, and who has it. */
export type Grants = Readonly<Record<string, { readonly of: Holder; readonly statement: Statement }>>;

/** A way across two accounts that is laid. */
export interface AcrossAccounts {
  readonly a: Client;
  readonly b: Client;
  readonly pipelineName: string;
  readonly arns: Readonly<Record<"pipelineRole" | "reporterRole" | "actionRole" | "functionRole" | "key", string>>;
  readonly bucket: string;
  readonly ownBucket: string;
  readonly functionName: string;
  readonly grants: Grants;
  /** Writes all policies anew, without the named statement. */
  grantAllBut(missing?: string): Promise<void>;
  /** The pipeline's declaration; with the key of account A unless told otherwise. */
  declaration(withKey?: boolean): Parameters<Client["codePipeline"]["createPipeline"]>[0] & { pipeline: object };
}

export interface Accounts {
  readonly a: string;
  readonly b: string;
}

type MakeClient = (server: Penstock, caller?: Caller) => Client;

/** The root of an account, by the key that every account has on loopback. */
export function rootOf(server: Penstock, make: MakeClient, account: string): Client {
  return make(server, { credentials: { accessKeyId: account, secretAccessKey: "test" } });
}

/** Lays everything but the pipeline. Names end with account A's number, because buckets share one space of names. */
export async function layAcrossAccounts(
  server: Penstock,
  make: MakeClient,
  accounts: Accounts,
  fn: { readonly runtime: "nodejs22.x" | "python3.12"; readonly file: string; readonly handler: string },
): Promise<AcrossAccounts> {
  const a = rootOf(server, make, accounts.a);
  const b = rootOf(server, make, accounts.b);
  const bucket = `artifacts-${accounts.a}`;
  const ownBucket = `own-${accounts.b}`;
  const { KeyMetadata: key } = await a.kms.createKey({});
  const arns = {
    pipelineRole: `arn:aws:iam::${accounts.a}:role/pipeline`,
    reporterRole: `arn:aws:iam::${accounts.a}:role/reporter`,
    actionRole: `arn:aws:iam::${accounts.b}:role/action`,
    functionRole: `arn:aws:iam::${accounts.b}:role/function`,
    key: key?.Arn ?? "",
  };
  const functionName = "across-accounts";
  const functionArn = `arn:aws:lambda:${server.region}:${accounts.b}:function:${functionName}`;
  const place = { accounts, arns, bucket, ownBucket, functionArn };
  const grants = grantsOf(place);
  const grantAllBut = (missing?: string) => writePolicies({ a, b }, place, grants, missing);
  await a.s3.createBucket({ Bucket: bucket });
  await a.s3.putBucketVersioning({ Bucket: bucket, VersioningConfiguration: { Status: "Enabled" } });
  await a.s3.putObject({ Bucket: bucket, Key: "source.zip", Body: Buffer.from("of A, ") });
  await b.s3.createBucket({ Bucket: ownBucket });
  await b.s3.putObject({ Bucket: ownBucket, Key: "own", Body: Buffer.from("of B") });
  await createRoles({ a, b }, grants);
  await grantAllBut();
  await b.lambda.createFunction({
    FunctionName: functionName,
    Runtime: fn.runtime,
    Handler: fn.handler,
    Role: arns.functionRole,
    Code: { ZipFile: await zipOfFunctions(fn.file) },
    Timeout: 30,
    Environment: { Variables: { REPORTER_ROLE: arns.reporterRole, OWN_BUCKET: ownBucket } },
  });
  const pipelineName = "across-accounts";
  const store = { type: "S3", location: bucket } as const;
  const declaration = (withKey = true) => ({
    pipeline: {
      name: pipelineName,
      roleArn: arns.pipelineRole,
      artifactStore: withKey ? { ...store, encryptionKey: { id: arns.key, type: "KMS" as const } } : store,
      stages: [
        { name: "Source", actions: [sourceOf(bucket)] },
        {
          name: "Work",
          actions: [
            lambdaAction("Call", functionName, {
              roleArn: arns.actionRole,
              inputArtifacts: [{ name: "In" }],
              outputArtifacts: [{ name: "Out" }],
            }),
          ],
        },
      ],
    },
  });
  return { a, b, pipelineName, arns, bucket, ownBucket, functionName, grants, grantAllBut, declaration };
}

function sourceOf(bucket: string) {
  return {
    name: "Fetch",
    actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" } as const,
    configuration: { S3Bucket: bucket, S3ObjectKey: "source.zip", PollForSourceChanges: "false" },
    outputArtifacts: [{ name: "In" }],
  };
}

interface Place extends Pick<AcrossAccounts, "arns" | "bucket" | "ownBucket"> {
  readonly accounts: Accounts;
  readonly functionArn: string;
}

const READ_KEY = "kms:Decrypt";
const WRITE_KEY = "kms:GenerateDataKey";

/** All that must be allowed, on both sides. */
function grantsOf({ accounts, arns, bucket, ownBucket, functionArn }: Place): Grants {
  const { pipelineRole, reporterRole, actionRole, functionRole, key } = arns;
  const artifacts = `arn:aws:s3:::${bucket}/*`;
  const allow = (Action: string | readonly string[], rest: Omit<Statement, "Effect" | "Action">) =>
    ({ Effect: "Allow", Action, ...rest }) as const;
  const own = (of: Holder, Action: string | readonly string[], Resource: string) => ({
    of,
    statement: allow(Action, { Resource }),
  });
  const trust = (of: Holder, AWS: string) => ({ of, statement: allow("sts:AssumeRole", { Principal: { AWS } }) });
  const says = (of: Holder, Action: string, AWS: string, Resource: string) => ({
    of,
    statement: allow(Action, { Principal: { AWS }, Resource }),
  });
  return {
    pipelineWorks: own("pipeline role", ["s3:*", "kms:*"], "*"),
    pipelineAssumesAction: own("pipeline role", "sts:AssumeRole", actionRole),
    actionTrustsPipeline: trust("action trust", pipelineRole),
    actionInvokes: own("action role", "lambda:InvokeFunction", functionArn),
    actionReadsArtifacts: own("action role", "s3:GetObject", artifacts),
    actionWritesArtifacts: own("action role", "s3:PutObject", artifacts),
    actionDecrypts: own("action role", READ_KEY, key),
    actionEncrypts: own("action role", WRITE_KEY, key),
    bucketIsRead: says("bucket", "s3:GetObject", actionRole, artifacts),
    bucketIsWritten: says("bucket", "s3:PutObject", `arn:aws:iam::${accounts.b}:root`, artifacts),
    keyDecrypts: says("key", READ_KEY, actionRole, "*"),
    keyEncrypts: says("key", WRITE_KEY, actionRole, "*"),
    functionReadsItsOwn: own("function role", "s3:GetObject", `arn:aws:s3:::${ownBucket}/*`),
    functionAssumesReporter: own("function role", "sts:AssumeRole", reporterRole),
    reporterTrustsFunction: trust("reporter trust", functionRole),
    reporterReports: own(
      "reporter role",
      ["codepipeline:PutJobSuccessResult", "codepipeline:PutJobFailureResult"],
      "*",
    ),
  };
}

interface Roots {
  readonly a: Client;
  readonly b: Client;
}

const SERVICE_OF = {
  pipeline: "codepipeline",
  reporter: "lambda",
  action: "codepipeline",
  function: "lambda",
} as const;

async function createRoles({ a, b }: Roots, grants: Grants): Promise<void> {
  const roles = [
    [a, "pipeline"],
    [a, "reporter"],
    [b, "action"],
    [b, "function"],
  ] as const;
  for (const [{ iam }, name] of roles) {
    await iam.createRole({ RoleName: name, AssumeRolePolicyDocument: trustOf(name, grants, undefined) });
  }
}

async function writePolicies({ a, b }: Roots, place: Place, grants: Grants, missing?: string): Promise<void> {
  for (const [{ iam }, name] of [
    [a, "pipeline"],
    [a, "reporter"],
    [b, "action"],
    [b, "function"],
  ] as const) {
    const PolicyDocument = documentOf(`${name} role`, grants, missing, HARMLESS);
    await iam.putRolePolicy({ RoleName: name, PolicyName: "own", PolicyDocument });
    const trust = trustOf(name, grants, missing);
    await iam.updateAssumeRolePolicy({ RoleName: name, PolicyDocument: trust });
  }
  const rootOfA = { AWS: `arn:aws:iam::${place.accounts.a}:root` };
  const ownersOwn = {
    Effect: "Allow",
    Principal: rootOfA,
    Action: "s3:*",
    Resource: `arn:aws:s3:::${place.bucket}`,
  } as const;
  await a.s3.putBucketPolicy({ Bucket: place.bucket, Policy: documentOf("bucket", grants, missing, ownersOwn) });
  const ownersKey = { Effect: "Allow", Principal: rootOfA, Action: "kms:*", Resource: "*" } as const;
  await a.kms.putKeyPolicy({ KeyId: place.arns.key, Policy: documentOf("key", grants, missing, ownersKey) });
}

/** A document must have a statement, also when the one that counts is left out. */
const HARMLESS: Statement = { Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" };

function trustOf(name: keyof typeof SERVICE_OF, grants: Grants, missing: string | undefined): string {
  const Principal = { Service: `${SERVICE_OF[name]}.amazonaws.com` };
  const service = { Effect: "Allow", Principal, Action: "sts:AssumeRole" } as const;
  return documentOf(`${name} trust`, grants, missing, service);
}

function documentOf(of: string, grants: Grants, missing: string | undefined, always: Statement): string {
  const granted = Object.entries(grants).filter(([name, grant]) => grant.of === of && name !== missing);
  return JSON.stringify({ Version: "2012-10-17", Statement: [always, ...granted.map(([, grant]) => grant.statement)] });
}
