import type { CustomActionTypeDeclaration } from "@penstock/pipeline";
import type { Accounts, Timing } from "../server-port.ts";

/**
 * Everything that one pipeline needs, read and checked: what `run` deploys and what `invoke` makes up.
 * All paths are absolute.
 */
export interface Project {
  /** As `CreatePipeline` takes it. */
  readonly pipeline: Pipeline;
  readonly functions: Readonly<Record<string, FunctionDeclaration>>;
  readonly roles: Readonly<Record<string, RoleDeclaration>>;
  readonly buckets: Readonly<Record<string, BucketDeclaration>>;
  /** By alias, such as `alias/artifacts`. */
  readonly keys?: Readonly<Record<string, KeyDeclaration>>;
  /** Custom action types that the pipeline uses. */
  readonly actionTypes?: readonly CustomActionTypeDeclaration[];
  /** What becomes of calls of AWS services that are not served, by name, as the server takes it. */
  readonly otherServices?: Readonly<Record<string, string>>;
  /** Folder or zip of a source artifact, or the bytes of a zip, by the name of the artifact or of its source action. */
  readonly inputs: Readonly<Record<string, string | Buffer>>;
  /** Twelve digits, from the pipeline's role. */
  readonly account: string;
  /** Further accounts that have keys of their own. */
  readonly accounts?: Accounts;
  readonly region: string;
  readonly timing?: Timing;
  readonly throttling?: "off" | "aws";
  /** Whether a declared output that is missing fails its action. */
  readonly strict?: boolean;
  /** The files that declare it, absolute; absent when nobody wrote it down. */
  readonly files?: readonly string[];
  /** Is used in messages: the file that declares the pipeline, or how it came to be. */
  readonly origin: string;
  /** What the reader of the files did that people should know. */
  readonly notes: readonly string[];
}

export interface Pipeline {
  readonly name: string;
  readonly roleArn: string;
  readonly artifactStore?: ArtifactStore;
  readonly artifactStores?: Readonly<Record<string, ArtifactStore>>;
  readonly stages: readonly Stage[];
  readonly variables?: readonly { readonly name: string; readonly defaultValue?: string }[];
}

export interface ArtifactStore {
  readonly type: string;
  readonly location: string;
  readonly encryptionKey?: { readonly id: string; readonly type: string };
}

export interface Stage {
  readonly name: string;
  readonly actions: readonly Action[];
}

export interface Action {
  readonly name: string;
  readonly actionTypeId: {
    readonly category: string;
    readonly owner: string;
    readonly provider: string;
    readonly version: string;
  };
  readonly runOrder?: number;
  readonly configuration?: Readonly<Record<string, string>>;
  readonly inputArtifacts?: readonly { readonly name: string }[];
  readonly outputArtifacts?: readonly { readonly name: string }[];
  readonly roleArn?: string;
  readonly region?: string;
  readonly namespace?: string;
}

export interface FunctionDeclaration {
  readonly runtime: string;
  readonly handler: string;
  /** A folder that is used in place, or a zip. */
  readonly code: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** Name or ARN; without one the function gets a role that may report results and nothing else. */
  readonly role?: string;
}

/** A policy document as IAM takes it. The server checks what it says. */
export type PolicyText = Readonly<Record<string, unknown>>;

export interface RoleDeclaration {
  readonly trust?: PolicyText;
  readonly policies: Readonly<Record<string, PolicyText>>;
}

export interface BucketDeclaration {
  readonly versioning?: boolean;
  readonly policy?: PolicyText;
}

export interface KeyDeclaration {
  readonly policy?: PolicyText;
}

export const DEFAULT_REGION = "us-east-1";
/** Lambda's default is 3 seconds, too short for a function that moves artifacts. Source: our choice. */
export const DEFAULT_TIMEOUT_SECONDS = 60;
/** Source: our choice; Lambda's own default is 128. */
export const DEFAULT_MEMORY_MB = 256;

/** Every action with its stage, in order. */
export function actionsOf(pipeline: Pipeline): readonly { readonly stage: Stage; readonly action: Action }[] {
  return pipeline.stages.flatMap((stage) => stage.actions.map((action) => ({ stage, action })));
}

function ofAws(category: string, provider: string) {
  return ({ actionTypeId: is }: Action) => is.category === category && is.owner === "AWS" && is.provider === provider;
}

/** Actions that call a function. */
export const isLambdaAction = ofAws("Invoke", "Lambda");

/** Actions that take their artifact from a bucket. */
export const isS3Source = ofAws("Source", "S3");

/** Actions that put their artifact into a bucket. */
export const isS3Deploy = ofAws("Deploy", "S3");

/** Actions that give a function new code. */
export const isLambdaDeploy = ofAws("Deploy", "Lambda");

/** The bucket that an action deploys to; nothing where a variable decides. */
export function deployBucketOf(action: Action): string | undefined {
  const bucket = isS3Deploy(action) ? action.configuration?.["BucketName"] : undefined;
  return bucket?.includes("#{") ? undefined : bucket;
}
