import type { ArtifactCredentials, CodePipelineJobEvent, JobArtifact } from "@penstock/toolkit";
import type { Identity, PolicyDocument, PolicyStatement, SessionCredentials } from "../../identity/identity.ts";
import type { ArtifactLocation } from "../../store/action-execution.ts";
import type { StartedAction } from "./provider.ts";

/** How long a job's artifact credentials live. Unit: seconds. Source: reference §6.3, observed. */
const CREDENTIALS_SECONDS = 900;

/** What an event is made of. */
export interface JobEventSource {
  readonly jobId: string;
  readonly continuationToken?: string;
  readonly action: StartedAction;
}

/**
 * The event that a function receives for a job, with fresh credentials.
 *
 * Source: reference §5.3. Keys that do not apply are absent; the revision of an output is null.
 */
export function buildJobEvent(
  { jobId, continuationToken, action }: JobEventSource,
  credentials: ArtifactCredentials,
): CodePipelineJobEvent {
  const { FunctionName = "", UserParameters } = action.input.resolvedConfiguration;
  return {
    "CodePipeline.job": {
      id: jobId,
      accountId: action.account,
      data: {
        actionConfiguration: {
          configuration: { FunctionName, ...(UserParameters !== undefined && { UserParameters }) },
        },
        inputArtifacts: action.input.inputArtifacts.map(jobArtifact),
        outputArtifacts: action.input.outputArtifacts.map(jobArtifact),
        artifactCredentials: credentials,
        ...(continuationToken !== undefined && { continuationToken }),
        ...(action.encryptionKey && { encryptionKey: action.encryptionKey }),
      },
    },
  };
}

/** An artifact as jobs name it. */
export function jobArtifact({ name, revision, bucket, key }: ArtifactLocation): JobArtifact {
  return { name, revision, location: { type: "S3", s3Location: { bucketName: bucket, objectKey: key } } };
}

/**
 * Credentials for exactly the artifacts of one action: a session of its role, named after the moment,
 * under a session policy.
 *
 * Source: reference §6.3 for role, name and lifetime; the statements are our choice. Outputs may also be
 * read, so that a function that continues can take up what it has written.
 */
export function artifactCredentials(identity: Identity, action: StartedAction, now: number): ArtifactCredentials {
  const session = identity.issueSession({
    roleArn: action.roleArn,
    sessionName: String(now),
    durationSeconds: CREDENTIALS_SECONDS,
    policy: sessionPolicy(action),
    now,
  });
  return toArtifactCredentials(session);
}

function toArtifactCredentials({ accessKeyId, secretAccessKey, sessionToken, expiresAt }: SessionCredentials) {
  return { accessKeyId, secretAccessKey, sessionToken, expirationTime: expiresAt };
}

function sessionPolicy({ input }: StartedAction): PolicyDocument {
  const inputs = input.inputArtifacts.map(objectArn);
  const outputs = input.outputArtifacts.map(objectArn);
  const statements: PolicyStatement[] = [
    {
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
      Resource: "*",
    },
  ];
  if (inputs.length + outputs.length > 0) {
    statements.push({
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:GetObjectVersion"],
      Resource: [...inputs, ...outputs],
    });
  }
  if (outputs.length > 0) {
    const actions = ["s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];
    statements.push({ Effect: "Allow", Action: actions, Resource: outputs });
  }
  statements.push(...statementsOfType(input));
  return { Version: "2012-10-17", Statement: statements };
}

/**
 * What the action's type asks for beside its artifacts: a statement, a list of them, or a document.
 * Source: user guide, "Integration model reference"; the forms are our choice.
 */
function statementsOfType({ work }: StartedAction["input"]): readonly PolicyStatement[] {
  if (work?.policyStatements === undefined) return [];
  const given = JSON.parse(work.policyStatements) as PolicyStatement | { readonly Statement?: unknown }; // UpdateActionType checked that it is JSON
  const statements = "Statement" in given ? given.Statement : given;
  return [statements].flat() as PolicyStatement[]; // a form that IAM does not know allows nothing
}

function objectArn({ bucket, key }: ArtifactLocation): string {
  return `arn:aws:s3:::${bucket}/${key}`;
}
